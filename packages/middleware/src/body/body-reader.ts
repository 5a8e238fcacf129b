import type { IncomingMessage, ServerResponse } from "node:http";

import { http2StreamOf } from "../http2-stream.ts";
import { inContext } from "../in-context.ts";
import { Chunks } from "./chunks.ts";
import { type Deadline, Deadlines } from "./deadlines.ts";
import { sendContinue } from "./send-continue.ts";

/** Limits of a body, and the errors of a body beyond them. */
export interface BodyReaderOptions {
  readonly maxBytes: number;
  /** Time for the whole body, in milliseconds. */
  readonly timeoutMs: number;
  /** Makes the error for a larger body: a 413 (RFC 9110, 15.5.14). */
  readonly tooLarge: () => Error;
  /** Makes the error for a body that did not arrive in time: a 408 (RFC 9110, 15.5.9). */
  readonly tooLate: () => Error;
  /** Makes the error for a request whose body somebody else has read before: a mistake of the program. */
  readonly alreadyRead: () => Error;
}

/** Called once, in the async context of the reader's caller, with an error or with the body; not at all when the client leaves before the end. */
export type BodyCallback = (error: Error | undefined, body: Buffer) => void;

/** Collects the body of a request. */
export type BodyReader = (req: IncomingMessage, res: ServerResponse, done: BodyCallback) => void;

const nothing = Buffer.alloc(0);

/**
 * Makes a reader that collects a body within limits of size and time. A declared length (RFC 9110, 8.6) beyond the limit fails at once,
 * before a client that waits with `Expect: 100-continue` is asked for its body (RFC 9110, 10.1.1).
 *
 * After an error the stream is paused and holds no listener of ours: the error handler decides about the rest.
 */
export function bodyReader({ maxBytes, timeoutMs, tooLarge, tooLate, alreadyRead }: BodyReaderOptions): BodyReader {
  const deadlines = new Deadlines(timeoutMs);

  return function readBody(req, res, done) {
    if (req.readableEnded) return done(alreadyRead(), nothing);
    if (req.destroyed) return;
    if (Number(req.headers["content-length"] ?? 0) > maxBytes) return done(tooLarge(), nothing);
    const finish = inContext(done);
    let body: Buffer = nothing;
    let chunks: Chunks | undefined;
    let received = 0;

    const deadline: Deadline = {
      dueAt: deadlines.next(),
      earlier: undefined,
      later: undefined,
      miss: () => (req.destroyed ? leave() : fail(tooLate())),
    };
    const leave = (): void => {
      deadlines.remove(deadline);
      req.off("data", onData).off("end", onEnd).off("error", leave);
    };
    const fail = (error: Error): void => {
      leave();
      req.pause();
      finish(error, nothing);
    };
    const onData = (chunk: Buffer): void => {
      received += chunk.length;
      if (received > maxBytes) return fail(tooLarge());
      if (body === nothing) body = chunk;
      else (chunks ??= begun(body)).push(chunk);
    };
    // The listeners stay: nothing calls them after the end, and removing them costs more than all the rest here.
    const onEnd = (): void => {
      deadlines.remove(deadline);
      // Node ends a request of HTTP/2 also when its client has reset the stream.
      if (http2StreamOf(res)?.aborted === true) return;
      finish(undefined, chunks === undefined ? body : chunks.joined());
    };
    deadlines.add(deadline);
    sendContinue(req, res);
    // A client that leaves in the middle is an error event in node:http, if anybody listens.
    req.on("data", onData).on("end", onEnd).on("error", leave);
  };
}

function begun(first: Buffer): Chunks {
  const chunks = new Chunks();
  chunks.push(first);
  return chunks;
}
