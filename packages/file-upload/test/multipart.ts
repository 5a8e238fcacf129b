import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Readable } from "node:stream";
import { deflateRawSync } from "node:zlib";

import type { Handler } from "@aivillage/middleware";
import busboy from "busboy";

import { getUpload, type Upload, type UploadSummary } from "../src/index.ts";

export const pdf = (size = 2_000): Buffer => Buffer.concat([Buffer.from("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "latin1"), Buffer.alloc(size, 7)]);
export const png = (size = 500): Buffer =>
  Buffer.concat([
    Buffer.from("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000a49444154", "hex"),
    Buffer.alloc(size, 9),
  ]);
export const exe = (): Buffer => Buffer.concat([Buffer.from("MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0", "latin1"), Buffer.alloc(600)]);

export const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** A zip archive with these entries in this order; the checksums are left out, because nothing here unpacks it. */
export function zip(entries: Record<string, string>): Buffer {
  const records = Object.entries(entries).map(([name, text]) => {
    const data = deflateRawSync(text);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(20, 4);
    header.writeUInt16LE(8, 8);
    header.writeUInt32LE(data.length, 18);
    header.writeUInt32LE(Buffer.byteLength(text), 22);
    header.writeUInt16LE(Buffer.byteLength(name), 26);
    return Buffer.concat([header, Buffer.from(name), data]);
  });
  return Buffer.concat(records);
}

export const wordTypes =
  '<?xml version="1.0"?><Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>';

export interface RawPart {
  /** Header lines without line breaks at the ends. */
  headers: string | readonly string[];
  content: string | Buffer;
}

export const boundary = "----test-boundary";
export const multipartType = `multipart/form-data; boundary=${boundary}`;

export const filePart = (content: string | Buffer, filename = "report.pdf", type = "application/pdf"): RawPart => ({
  headers: [`Content-Disposition: form-data; name="file"; filename="${filename}"`, ...(type === "" ? [] : [`Content-Type: ${type}`])],
  content,
});

export const fieldPart = (name: string, content: string): RawPart => ({
  headers: `Content-Disposition: form-data; name="${name}"`,
  content,
});

export function multipart(...parts: readonly RawPart[]): Buffer {
  const pieces = parts.flatMap(({ headers, content }) => [
    Buffer.from(`--${boundary}\r\n${[headers].flat().join("\r\n")}\r\n\r\n`),
    Buffer.from(content as string),
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}

/** The request as bytes for a socket. */
export function request(body: Buffer, headers: Record<string, string> = {}): Buffer {
  const all = { Host: "test", "Content-Type": multipartType, "Content-Length": String(body.length), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST / HTTP/1.1\r\n${lines.join("")}\r\n`), body]);
}

export const post = (url: string, body: Buffer | FormData, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: "POST",
    body: body instanceof FormData ? body : new Uint8Array(body),
    headers: body instanceof FormData ? headers : { "Content-Type": multipartType, ...headers },
  });

/** Sends the bytes and leaves at once. */
export function sendAndLeave(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes, () => setTimeout(() => socket.destroy(), 5)));
    socket.on("error", () => undefined).on("close", () => resolve());
  });
}

export interface ParsedPart {
  name: string;
  filename?: string | undefined;
  type: string;
  bytes: Buffer;
}

/** Reads a multipart stream the way a service behind the gateway would. */
export function parse(body: Readable, contentType: string): Promise<ParsedPart[]> {
  const parts: ParsedPart[] = [];
  const parser = busboy({ headers: { "content-type": contentType }, defParamCharset: "utf8" });
  parser.on("field", (name, value, { mimeType }) => parts.push({ name, type: mimeType, bytes: Buffer.from(value) }));
  parser.on("file", (name, stream, { filename, mimeType }) => {
    const chunks: Buffer[] = [];
    const part: ParsedPart = { name, filename, type: mimeType, bytes: Buffer.alloc(0) };
    parts.push(part);
    stream.on("error", () => undefined).on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => (part.bytes = Buffer.concat(chunks)));
  });
  return new Promise((resolve, reject) => {
    body.on("error", reject).pipe(parser);
    parser.on("error", reject).on("close", () => resolve(parts));
  });
}

/** What the receiver answers. */
export interface Receipt {
  parts: (Omit<ParsedPart, "bytes"> & { bytes: number; sha256: string; text: string })[];
  summary: UploadSummary;
  contentType: string;
  filename: string;
  type: string;
}

/** A handler that takes the upload apart again and tells what it got. */
export const receive: Handler = (req, res, next) => {
  tell(uploadOf(req)).then((receipt) => res.end(JSON.stringify(receipt)), next);
};

async function tell({ body, contentType, filename, type, summary }: Upload): Promise<Receipt> {
  const parts = (await parse(body, contentType)).map((part) => ({
    name: part.name,
    filename: part.filename,
    type: part.type,
    bytes: part.bytes.length,
    sha256: sha256(part.bytes),
    text: part.bytes.toString("utf8", 0, 200),
  }));
  return { parts, summary: await summary, contentType, filename, type };
}

export function uploadOf(req: IncomingMessage) {
  const upload = getUpload(req);
  if (upload === undefined) throw new Error("there is no upload");
  return upload;
}

/** Content type and body as the downstream gets them. */
export async function receiveRaw(req: IncomingMessage): Promise<string> {
  const { body, contentType } = uploadOf(req);
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return `${contentType}\n${Buffer.concat(chunks).toString("utf8")}`;
}

/** Sends the second piece only when the first has left, and resolves to all that comes back. */
export function sendInTwo(port: number, first: Buffer, second: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let response = "";
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () =>
      socket.write(first, () => setTimeout(() => socket.write(second), 2)),
    );
    socket
      .on("data", (chunk) => (response += chunk.toString("latin1")))
      .on("error", reject)
      .on("close", () => resolve(response));
  });
}
