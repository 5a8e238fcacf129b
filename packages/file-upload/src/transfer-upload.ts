import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";

import type { Next } from "@aivillage/middleware";

import { encodeParts, type UploadRecord } from "./encode-parts.ts";
import { uploadReceived } from "./events.ts";
import type { UploadSettings } from "./options.ts";
import { PartFrames } from "./part-frames.ts";
import { createPartParser } from "./part-parser.ts";
import { PartQueue } from "./part-queue.ts";
import { uploadAborted } from "./problems.ts";
import { pumpRequest } from "./pump-request.ts";
import { publishRefusal } from "./refuse.ts";
import { createUploadBody, readAhead } from "./upload-body.ts";
import { setUpload, type UploadSummary } from "./upload.ts";

/**
 * Leads one upload from the request to the body that the next handler reads.
 *
 * It ends once: by success, or by the first failure, which goes to `next` before the hand-over and to the body after it.
 */
export function transferUpload(req: IncomingMessage, res: ServerResponse, boundary: string, settings: UploadSettings, next: Next): void {
  const record: UploadRecord = { first: undefined, files: [], fields: new Map(), totalBytes: 0 };
  const summary = Promise.withResolvers<UploadSummary>();
  summary.promise.catch(() => undefined);
  const newBoundary = `aivillage-${randomBytes(24).toString("hex")}`;
  const queue = new PartQueue();
  const frames = new PartFrames(boundary, settings);
  const parser = createPartParser(boundary, settings, frames, queue, fail);
  const source = encodeParts(queue, newBoundary, settings, record);
  let body: Readable | undefined;
  let over = false;

  const count = (totalBytes: number): void => {
    record.totalBytes = totalBytes;
  };
  const stopPump = pumpRequest(req, parser, frames, settings, count, fail);
  res.once("close", onResponseClose);

  function release(): void {
    over = true;
    stopPump();
    res.off("close", onResponseClose);
  }

  function fail(reason: unknown): void {
    if (over) return;
    release();
    queue.end(reason);
    // The parser may be in the middle of a chunk, and does not survive to be destroyed there.
    process.nextTick(() => parser.destroy());
    summary.reject(reason);
    publishRefusal(req, reason);
    if (body === undefined) next(reason);
    else body.destroy(reason instanceof Error ? reason : new Error("The upload failed", { cause: reason }));
  }

  function succeed(): void {
    if (over) return;
    release();
    const { files, fields, totalBytes } = record;
    summary.resolve({ files, fields: Object.fromEntries(fields), totalBytes });
    if (uploadReceived.heard) uploadReceived.publish({ req, files: files.map(({ type, bytes, sha256 }) => ({ type, bytes, sha256 })) });
  }

  function onResponseClose(): void {
    fail(res.writableFinished ? new Error("The response ended before the upload had been read.") : uploadAborted());
  }

  function handOver(pieces: Buffer[]): void {
    if (over || record.first === undefined) return;
    const closed = (error: Error | null): void => fail(error ?? new Error("The upload was given up by its consumer."));
    body = createUploadBody(pieces, source, { ended: succeed, failed: fail, closed });
    const contentType = `multipart/form-data; boundary=${newBoundary}`;
    setUpload(req, { contentType, body, summary: summary.promise, ...record.first });
    next();
  }

  readAhead(source, () => record.first !== undefined).then(handOver, fail);
}
