import type { IncomingMessage } from "node:http";

import type { Limits } from "./limits.ts";
import { payloadTooLarge, requestTimeout } from "./problems.ts";

/** Called once, with an error or with the body; not at all when the client leaves before the end. */
export type BodyCallback = (error: Error | undefined, body: Buffer) => void;

const nothing = Buffer.alloc(0);

/**
 * Collects the body within its limits of size and time.
 *
 * After a refusal the stream is paused and holds no listener of ours: the error handler decides about the rest.
 */
export function readBody(req: IncomingMessage, { bodyBytes, bodyTimeoutMs }: Limits, done: BodyCallback): void {
  if (Number(req.headers["content-length"] ?? 0) > bodyBytes) return done(payloadTooLarge(bodyBytes), nothing);
  if (req.readableEnded) return done(alreadyRead(), nothing);
  if (req.destroyed) return;
  const chunks: Buffer[] = [];
  let received = 0;

  const timer = setTimeout(() => refuse(requestTimeout(bodyTimeoutMs)), bodyTimeoutMs).unref();
  const stop = (): void => {
    clearTimeout(timer);
    req.off("data", onData).off("end", onEnd).off("error", stop).off("close", stop);
  };
  const refuse = (problem: Error): void => {
    stop();
    req.pause();
    done(problem, nothing);
  };
  const onData = (chunk: Buffer): void => {
    received += chunk.length;
    if (received > bodyBytes) return refuse(payloadTooLarge(bodyBytes));
    chunks.push(chunk);
  };
  const onEnd = (): void => {
    stop();
    done(undefined, chunks.length === 1 ? (chunks[0] ?? nothing) : Buffer.concat(chunks, received));
  };
  req.on("data", onData).on("end", onEnd).on("error", stop).on("close", stop);
}

function alreadyRead(): Error {
  return new Error("@aivillage/input-sanitizer: the body was read before and `req.body` is not set; mount sanitizeInput() earlier");
}
