import type { IncomingMessage, ServerResponse } from "node:http";

import {
  type Handler,
  hasBody,
  hasResponseClosed,
  HttpProblem,
  onResponseClose,
  onSocketClose,
  option,
  passError,
  readOptions,
  returns,
} from "@aivillage/middleware";

import { bodyMemoryExceeded } from "../events.ts";
import { packageName } from "../package-name.ts";

/** Options of `bodyMemory()`. */
export interface BodyMemoryOptions {
  /** Bytes that the bodies of all requests in progress may have together. Default 268,435,456. */
  maxBytes?: number;
  /**
   * Bytes of these that the requests of one client may have while nobody else has any; else the same share of what the others leave, so that a
   * few clients cannot take all. Default: half.
   */
  maxBytesPerClient?: number;
  /**
   * Whose request it is, from a source that the client cannot choose. `undefined`: it counts only in total. Default: the remote address of the
   * socket.
   */
  client?: (req: IncomingMessage) => string | undefined;
}

/** Makes the handler for routes whose bodies have at most so many bytes. */
export type BodyMemory = (largestBytes: number) => Handler;

/** Smaller bodies are not counted: connections and requests in progress are limited already, and most requests are spared the work. */
const leastBytes = 65_536;
const retryAfter = { "Retry-After": "1" };

/**
 * Limits the memory of bodies that handlers read as a whole. Mount the handlers that it makes after authentication and before what reads the body.
 *
 * A body counts with its declared length from before it is read until its response has closed. One of unknown length counts as the largest of
 * its route until it has been read, and then with its own. Parsed documents and copies come on top: reckon with five times the bytes. A client
 * that holds nothing may send one body of any size that its route takes, and so may everyone when nobody holds anything.
 *
 * Beyond the limits the error is an `HttpProblem`: 429 `too-many-concurrent-requests` for the share of the client, 503 `service-unavailable` for
 * the whole.
 *
 * @throws OptionError for an unknown or bad option
 */
export function bodyMemory(options?: BodyMemoryOptions): BodyMemory {
  const {
    maxBytes,
    maxBytesPerClient = Math.ceil(maxBytes / 2),
    client,
  } = readOptions<BodyMemoryOptions, typeof rules>(packageName, options, rules);
  const share = maxBytesPerClient / maxBytes;
  const ofClients = new Map<string, number>();
  let total = 0;

  function change(name: string | undefined, bytes: number): void {
    total += bytes;
    if (name === undefined) return;
    const held = (ofClients.get(name) ?? 0) + bytes;
    if (held > 0) ofClients.set(name, held);
    else ofClients.delete(name);
  }

  function exceeded(name: string | undefined, bytes: number): "client" | "total" | undefined {
    const held = name === undefined ? 0 : (ofClients.get(name) ?? 0);
    const left = maxBytes - (total - held);
    if (held > 0 && held + bytes > left * share) return "client";
    return total > 0 && total + bytes > maxBytes ? "total" : undefined;
  }

  return (largestBytes) =>
    function bodyMemoryHandler(req, res, next) {
      const bytes = sizeOf(req, largestBytes);
      // What is too large for its route is refused before it is read.
      if (bytes <= leastBytes || bytes > largestBytes) return next();
      const name = client(req);
      const of = exceeded(name, bytes);
      if (of !== undefined) {
        if (bodyMemoryExceeded.hasSubscribers) bodyMemoryExceeded.publish({ req, client: name, of, bytes });
        return passError(of === "client" ? clientHoldsTooMuch() : allHoldTooMuch(), res, next);
      }
      // Its client has left, for instance while its key was looked up: nobody reads the body, and nothing would give it back.
      if (hasResponseClosed(res) || req.destroyed) return next();
      let held = bytes;
      const hold = (now: number): void => {
        change(name, now - held);
        held = now;
      };
      change(name, bytes);
      onEnd(req, res, () => hold(0));
      if (req.headers["content-length"] === undefined) onceRead(req, (most) => hold(Math.min(held, most)));
      next();
    };
}

/** Calls the listener once, when the response closes. One that waits for those before it on its connection emits nothing when that closes. */
function onEnd({ socket }: IncomingMessage, res: ServerResponse, listener: () => void): void {
  let isDue = true;
  const once = (): void => {
    if (isDue) listener();
    isDue = false;
  };
  onResponseClose(res, once);
  if (res.socket === null) onResponseClose(res, onSocketClose(socket, once));
}

/** Calls the listener with the most bytes that a body can have had, when it has been read to its end. */
function onceRead(req: IncomingMessage, listener: (most: number) => void): void {
  const { socket } = req;
  const before = socket.bytesRead;
  // What has come with the head is at most one read of the socket.
  req.once("end", () => listener(socket.bytesRead - before + leastBytes));
}

const isBytes = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 1;

const rules = {
  maxBytes: option.integer(268_435_456, { min: 1 }),
  maxBytesPerClient: option.custom<number | undefined>("an integer, at least 1", undefined, isBytes),
  client: option.function<(req: IncomingMessage) => string | undefined>(({ socket }) => socket.remoteAddress, returns.optionalString),
};

function sizeOf(req: IncomingMessage, largestBytes: number): number {
  const declared = req.headers["content-length"];
  if (declared !== undefined) return Number(declared);
  return hasBody(req) ? largestBytes : 0;
}

function clientHoldsTooMuch(): HttpProblem {
  return new HttpProblem({
    status: 429,
    type: "too-many-concurrent-requests",
    title: "Too many concurrent requests",
    detail: "The bodies of your requests in progress are together as large as is allowed. Try again when one has ended.",
    headers: retryAfter,
  });
}

function allHoldTooMuch(): HttpProblem {
  const detail = "The bodies of all requests in progress are together as large as is allowed. Try again.";
  return new HttpProblem({ status: 503, type: "service-unavailable", detail, headers: retryAfter });
}
