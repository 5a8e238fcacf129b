import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";

import { requestValue } from "@aivillage/middleware";

/** One file that went through. */
export interface UploadedFile {
  /** Name of the form field. */
  readonly field: string;
  /** Normalised file name: one path component that is safe on every file system. */
  readonly name: string;
  /** Media type that the first bytes have, never the mere claim of the client. */
  readonly type: string;
  readonly bytes: number;
  /** SHA-256 of the content, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** What went through, known when all of it has. */
export interface UploadSummary {
  readonly files: readonly UploadedFile[];
  /** The other fields; of a name that was sent several times the first value. `body` carries all of them. */
  readonly fields: Readonly<Record<string, string>>;
  /** Bytes of the request body, framing included. */
  readonly totalBytes: number;
}

/**
 * A checked upload on its way.
 *
 * Read `body` to its end, or destroy it. A failure that comes after `next()`, such as a second file of a forbidden type or a
 * client that leaves, destroys `body` with an `HttpProblem` as its error: abort what you do with the bytes and hand that error
 * to `next()`. It never comes a second time in another way.
 */
export interface Upload {
  /** `multipart/form-data` with the boundary of `body`. */
  readonly contentType: string;
  /** The checked parts, rewritten: same order, same bytes, normalised names, framing of our own. */
  readonly body: Readable;
  /**
   * Resolves when `body` has given all its bytes, so wait for it beside or after reading, not before. Rejects with the error of
   * `body`; a rejection that nobody handles is silent.
   */
  readonly summary: Promise<UploadSummary>;
  /**
   * What `summary` resolves to, as soon as all has come and passed; `undefined` before. A consumer that has received the whole `body`
   * can only respond after that, so it is there when the response of the upstream service has arrived.
   */
  readonly completed: UploadSummary | undefined;
  /**
   * Frees the memory of a chunk of `body` at once, so that it does not wait for the garbage collector. Optional; call it only when the
   * bytes have been written, and look at them no more. Where somebody else may hold them, as an inspection may, it does nothing.
   */
  readonly release: (chunk: Buffer) => void;
  /** Normalised name of the first file. */
  readonly filename: string;
  /** Media type of the first file. */
  readonly type: string;
}

const upload = requestValue<Upload>("@aivillage/file-upload.upload");

/** The upload of this request, `undefined` unless a `fileUpload()` has let it pass. */
export function getUpload(req: IncomingMessage): Upload | undefined {
  return upload.get(req);
}

export function setUpload(req: IncomingMessage, value: Upload): void {
  upload.set(req, value);
}
