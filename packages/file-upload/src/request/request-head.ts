import type { IncomingMessage } from "node:http";
import { MIMEType } from "node:util";

import type { UploadSettings } from "../options.ts";
import { malformedUpload, payloadTooLarge, unsupportedMediaType, uploadAborted } from "../problems.ts";

/** RFC 2046, 5.1.1. */
const boundaryForm = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;

/**
 * Checks what can be known of an upload before its first byte, and returns its boundary.
 *
 * @throws UploadProblem `unsupported-media-type`, `malformed-upload` or `payload-too-large`; Error when the body is gone
 */
export function readRequestHead(req: IncomingMessage, { totalBytes }: UploadSettings): string {
  const { headers } = req;
  const type = parseType(headers["content-type"]);
  // Of any other type a parser of the app may have read the body: clients choose the type, and must not cause errors of the server.
  if (type?.essence !== "multipart/form-data") {
    throw unsupportedMediaType("Send the file as multipart/form-data.", { Accept: "multipart/form-data" });
  }
  if (req.readableDidRead) throw new Error("@aivillage/file-upload: the request body has been read already; mount fileUpload() earlier");
  if (req.destroyed) throw uploadAborted();
  if ((headers["content-encoding"] ?? "identity") !== "identity") {
    throw unsupportedMediaType("Send the upload without a Content-Encoding.", { "Accept-Encoding": "identity" });
  }
  const boundary = type.params.get("boundary") ?? "";
  if (!boundaryForm.test(boundary))
    throw malformedUpload("The Content-Type has no boundary of 1 to 70 allowed characters (RFC 2046, 5.1.1).");
  if (Number(headers["content-length"] ?? 0) > totalBytes) throw payloadTooLarge("upload", totalBytes);
  return boundary;
}

function parseType(value: string | undefined): MIMEType | undefined {
  try {
    return value === undefined ? undefined : new MIMEType(value);
  } catch {
    return undefined;
  }
}
