import { HttpProblem } from "@aivillage/middleware";

import type { RefusalReason } from "./events.ts";

/** A problem that says by which reason the refusal is counted. */
export class UploadProblem extends HttpProblem {
  readonly reason: RefusalReason;
  /** What an inspection has found; never sent. */
  readonly finding: string | undefined;

  constructor(status: number, type: Exclude<RefusalReason, "aborted">, title: string, detail: string, more: ProblemExtras = {}) {
    const { reason = type, headers = {}, extensions = {}, finding, cause } = more;
    super({ status, type, title, detail, headers, extensions, cause });
    this.reason = reason;
    this.finding = finding;
  }
}

interface ProblemExtras {
  reason?: RefusalReason;
  headers?: Record<string, string>;
  extensions?: Record<string, unknown>;
  finding?: string | undefined;
  cause?: unknown;
}

export const malformedUpload = (detail: string): UploadProblem =>
  new UploadProblem(400, "malformed-upload", "The upload is not well-formed multipart/form-data", detail);

export const uploadAborted = (): UploadProblem =>
  new UploadProblem(
    400,
    "malformed-upload",
    "The upload is not well-formed multipart/form-data",
    "The client closed the connection before the end of the upload.",
    { reason: "aborted" },
  );

/** RFC 9110, 15.5.16: `Accept` and `Accept-Encoding` say what would have been accepted. */
export const unsupportedMediaType = (detail: string, headers: Record<string, string>): UploadProblem =>
  new UploadProblem(415, "unsupported-media-type", "Unsupported media type", detail, { headers });

export const payloadTooLarge = (what: "upload" | "file" | "field", limitBytes: number): UploadProblem =>
  new UploadProblem(413, "payload-too-large", "Payload too large", `The ${what} is larger than ${limitBytes} bytes.`, {
    extensions: { limit_bytes: limitBytes },
  });

export const tooManyParts = (what: "parts" | "files" | "fields", limit: number): UploadProblem =>
  new UploadProblem(413, "too-many-parts", "The upload has too many parts", `The upload has more than ${limit} ${what}.`, {
    extensions: { limit },
  });

export const fileTypeRefused = (detail: string, allowedTypes: readonly string[]): UploadProblem =>
  new UploadProblem(415, "file-type-refused", "The type of the file is not accepted", detail, {
    extensions: { allowed_types: allowedTypes },
  });

/** RFC 9110, 15.5.9: the connection is closed, because what still comes on it cannot be used. */
export const requestTimeout = (detail: string): UploadProblem =>
  new UploadProblem(408, "request-timeout", "Request timeout", detail, { headers: { Connection: "close" } });

/** RFC 9110, 15.5.21: form and type are right, but the content is not acceptable. What was found stays inside. */
export const fileRejected = (ordinal: number, finding: string | undefined): UploadProblem =>
  new UploadProblem(422, "file-rejected", "A file was rejected by its inspection", `File ${ordinal} was rejected by its inspection.`, {
    finding,
  });

export const inspectionUnavailable = (cause: unknown): UploadProblem =>
  new UploadProblem(
    503,
    "inspection-unavailable",
    "Files cannot be inspected at the moment",
    "Nothing was accepted, because files cannot be inspected at the moment.",
    { headers: { "Retry-After": "30" }, cause },
  );
