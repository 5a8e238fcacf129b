import type { IncomingMessage } from "node:http";

import { Pieces } from "@aivillage/middleware";

import type { Limits } from "../options/limits.ts";
import { payloadTooLarge, requestTimeout } from "../problems/problems.ts";
import { type Deadline, Deadlines } from "./deadlines.ts";

/** Called once, with an error or with the body; not at all when the client leaves before the end. */
type BodyCallback = (error: Error | undefined, body: Buffer) => void;

/** Collects the body of a request. */
export type BodyReader = (req: IncomingMessage, done: BodyCallback) => void;

const nothing = Buffer.alloc(0);

/**
 * Makes a reader that collects a body within limits of size and time.
 *
 * After a refusal the stream is paused and holds no listener of ours: the error handler decides about the rest.
 */
export function makeBodyReader({ bodyBytes, bodyTimeoutMs }: Limits): BodyReader {
  const deadlines = new Deadlines(bodyTimeoutMs);

  return function readBody(req, done) {
    if (req.readableEnded) return done(alreadyRead(), nothing);
    if (req.destroyed) return;
    let body: Buffer = nothing;
    let pieces: Pieces | undefined;
    let received = 0;

    const deadline: Deadline = {
      dueAt: deadlines.next(),
      earlier: undefined,
      later: undefined,
      miss: () => (req.destroyed ? leave() : refuse(requestTimeout(bodyTimeoutMs))),
    };
    const leave = (): void => {
      deadlines.remove(deadline);
      req.off("data", onData).off("end", onEnd).off("error", leave);
    };
    const refuse = (problem: Error): void => {
      leave();
      req.pause();
      done(problem, nothing);
    };
    const onData = (chunk: Buffer): void => {
      received += chunk.length;
      if (received > bodyBytes) return refuse(payloadTooLarge(bodyBytes));
      if (body === nothing) body = chunk;
      else (pieces ??= begun(body)).push(chunk);
    };
    // The listeners stay: nothing calls them after the end, and removing them costs more than all the rest here.
    const onEnd = (): void => {
      deadlines.remove(deadline);
      done(undefined, pieces === undefined ? body : pieces.joined());
    };
    deadlines.add(deadline);
    // A client that leaves in the middle is an error event in node:http, if anybody listens.
    req.on("data", onData).on("end", onEnd).on("error", leave);
  };
}

function begun(first: Buffer): Pieces {
  const pieces = new Pieces();
  pieces.push(first);
  return pieces;
}

function alreadyRead(): Error {
  return new Error("@aivillage/input-sanitizer: the body was read before and `req.body` is not set; mount sanitizeInput() earlier");
}
