import type { IncomingMessage } from "node:http";

import { Pieces } from "@aivillage/middleware";

import { bodyTimeout, payloadTooLarge } from "../problems.ts";

/** Called once, with a problem or with the body; not at all when the client leaves before the end. */
type BodyCallback = (error: Error | undefined, body: Buffer) => void;

export interface BodyLimits {
  readonly bodyBytes: number;
  readonly bodyTimeoutMs: number;
}

const nothing = Buffer.alloc(0);

/** What a body parser or another middleware left in `req.body`, as bytes. */
export function parsedBody(req: IncomingMessage & { body?: unknown }): Buffer | undefined {
  if (!req.readableDidRead || req.body === undefined) return undefined;
  if (Buffer.isBuffer(req.body)) return req.body;
  return Buffer.from(typeof req.body === "string" ? req.body : JSON.stringify(req.body));
}

/** Collects the body within limits of size and time. After a problem the stream is paused; the error handler decides about the rest. */
export function readBody(req: IncomingMessage, { bodyBytes, bodyTimeoutMs }: BodyLimits, done: BodyCallback): void {
  if (Number(req.headers["content-length"] ?? 0) > bodyBytes) return done(payloadTooLarge(bodyBytes), nothing);
  const chunks = new Pieces();
  let received = 0;
  const leave = (): void => {
    clearTimeout(timer);
    req.off("data", onData).off("end", onEnd).off("error", leave).off("close", leave);
  };
  const refuse = (problem: Error): void => {
    leave();
    req.pause();
    done(problem, nothing);
  };
  const onData = (chunk: Buffer): void => {
    received += chunk.length;
    if (received > bodyBytes) return refuse(payloadTooLarge(bodyBytes));
    chunks.push(chunk);
  };
  const onEnd = (): void => {
    leave();
    done(undefined, chunks.joined());
  };
  const timer = setTimeout(() => refuse(bodyTimeout(bodyTimeoutMs)), bodyTimeoutMs).unref();
  req.on("data", onData).on("end", onEnd).on("error", leave).on("close", leave);
}
