import { HttpProblem } from "@aivillage/middleware";

import { badRequest } from "../service.ts";

/** A text file out of a multipart/form-data body. */
export interface UploadedDocument {
  name: string;
  text: string;
  bytes: number;
}

/** Reads the field `file` of a form with the parser that Node brings along. */
export async function readDocument(body: unknown, contentType: string | undefined): Promise<UploadedDocument> {
  if (!Buffer.isBuffer(body) || contentType === undefined) {
    throw new HttpProblem({ status: 415, detail: "Send the document as multipart/form-data, in the field `file`." });
  }
  const file = (await readForm(body, contentType)).get("file");
  if (file === null || typeof file === "string") throw badRequest("The form has no file in the field `file`.");
  const text = decode(await file.arrayBuffer());
  if (text.trim() === "") throw badRequest("The document is empty.");
  return { name: file.name.slice(0, 200) || "document", text, bytes: file.size };
}

async function readForm(body: Buffer, contentType: string): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(body), { headers: { "Content-Type": contentType } }).formData();
  } catch (cause) {
    throw new HttpProblem({ status: 400, detail: "The body is not well-formed multipart/form-data.", cause });
  }
}

function decode(bytes: ArrayBuffer): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // Handled below: bytes that are not UTF-8 are not text, whatever the file is called.
  }
  throw new HttpProblem({ status: 415, detail: "The document must be a text in UTF-8." });
}
