import type { IncomingMessage, ServerResponse } from "node:http";

import { isResponseCut } from "@aivillage/middleware";

import { type AiResponseFilter, nothing } from "./response-filter.ts";

type Callback = (error?: Error | null) => void;
type Chunk = string | Uint8Array;
/** `write()` and `end()` with the arguments that Node and its callers use. */
type Send = (chunk?: Chunk | Callback | null, encoding?: BufferEncoding | Callback | null, done?: Callback) => unknown;
type WriteHead = (status: number, ...rest: unknown[]) => ServerResponse;

/** What is known of a response before its first byte. */
export interface WatchedHead {
  readonly status: number;
  /** Its media type; empty if there is none. */
  readonly type: string;
  /** Its content coding. */
  readonly encoding: string | undefined;
}

/**
 * Lets a filter see and change the body of a response, no matter whether a proxy or a handler of the app writes it.
 *
 * @param filterOf called once, before the first byte, when status and headers are known; `undefined` leaves the response alone
 * @returns ends it, before the response has begun
 */
export function watchResponse(
  req: IncomingMessage,
  res: ServerResponse,
  filterOf: (head: WatchedHead) => AiResponseFilter | undefined,
): () => void {
  // As they are now: Node's own, or those of a middleware that came before.
  const write = res.write.bind(res) as Send;
  const end = res.end.bind(res) as Send;
  const writeHead = res.writeHead.bind(res) as WriteHead;
  let given: readonly unknown[] = [];
  let filter: AiResponseFilter | undefined | null = null;
  const field = (name: string): string | undefined => valueOf(given, name) ?? res.getHeader(name)?.toString();
  const known = (): AiResponseFilter | undefined => {
    if (filter !== null) return filter;
    filter = filterOf({ status: res.statusCode, type: field("content-type") ?? "", encoding: field("content-encoding") });
    if (filter?.changes === true && !res.headersSent) res.removeHeader("content-length");
    return filter;
  };

  const writeMeteredHead: WriteHead = (status, ...rest) => {
    const headers = rest.at(-1);
    given = flatHeaders(headers);
    res.statusCode = status;
    return known()?.changes === true ? writeHead(status, ...rest.slice(0, -1), withoutLength(headers)) : writeHead(status, ...rest);
  };
  const writeMetered: Send = (chunk, encoding, done) => {
    const active = known();
    if (active === undefined || !isChunk(chunk)) return write(chunk, encoding, done);
    const bytes = isResponseCut(req) ? lastOfCut(active, bytesOf(chunk, encoding)) : active.write(bytesOf(chunk, encoding));
    const callback = callbackOf(chunk, encoding, done);
    if (bytes.length > 0) return write(bytes, callback);
    if (callback !== undefined) process.nextTick(callback);
    return true;
  };
  const endMetered: Send = (chunk, encoding, done) => {
    // Node's `end()` may write its chunk with `write()`.
    replace({ write, end });
    const active = known();
    if (active === undefined) return end(chunk, encoding, done);
    if (isResponseCut(req) && isChunk(chunk)) return end(lastOfCut(active, bytesOf(chunk, encoding)));
    const last = isChunk(chunk) ? [active.write(bytesOf(chunk, encoding))] : [];
    return end(Buffer.concat([...last, lastBytes(active, field("content-length"))]), callbackOf(chunk, encoding, done));
  };
  const replace = (methods: object): void => void Object.assign(res, methods);
  replace({ writeHead: writeMeteredHead, write: writeMetered, end: endMetered });
  return () => {
    filter = undefined;
    // A middleware that came later, such as one that compresses, keeps its own.
    const isLast = res.writeHead === (writeMeteredHead as unknown) && res.write === writeMetered && res.end === (endMetered as unknown);
    if (isLast) replace({ writeHead, write, end });
  };
}

/** Bytes that end a response in place of its handler follow whatever its client has got, and nothing that was kept. */
function lastOfCut(filter: AiResponseFilter, bytes: Buffer): Buffer {
  return Buffer.concat([filter.abandon?.() ?? nothing, bytes]);
}

/** A handler cannot learn that its response is incomplete. Its client can, where no length announces the size. */
function lastBytes(filter: AiResponseFilter, length: string | undefined): Buffer {
  try {
    return filter.end("completed");
  } catch (error) {
    const last = filter.end("broken", error);
    return length === undefined || filter.changes ? last : nothing;
  }
}

function isChunk(chunk: unknown): chunk is Chunk {
  return typeof chunk === "string" || chunk instanceof Uint8Array;
}

function callbackOf(...values: readonly unknown[]): Callback | undefined {
  return values.find((value): value is Callback => typeof value === "function");
}

function bytesOf(chunk: Chunk, encoding: unknown): Buffer {
  if (typeof chunk === "string") return Buffer.from(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8");
  // The handler may use its memory again, and filters keep what they have not read.
  return Buffer.from(chunk);
}

function valueOf(flat: readonly unknown[], expected: string): string | undefined {
  const at = flat.findIndex((name, index) => isName(name, index, expected));
  return at === -1 ? undefined : String(flat[at + 1]);
}

function withoutLength(headers: unknown): unknown {
  if (typeof headers !== "object" || headers === null) return headers;
  const flat = flatHeaders(headers);
  const at = flat.findIndex((name, index) => isName(name, index, "content-length"));
  return at === -1 ? flat : flat.toSpliced(at, 2);
}

/** The headers that are passed to `writeHead()`, an object or a list, as a flat list. */
function flatHeaders(headers: unknown): readonly unknown[] {
  if (typeof headers !== "object" || headers === null) return [];
  return Array.isArray(headers) ? headers.flat() : Object.entries(headers).flatMap(([name, value]) => listed(name, value));
}

/** A header with several values, such as `Set-Cookie`, is repeated in a flat list. */
function listed(name: string, value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.flatMap((each: unknown) => [name, each]) : [name, value];
}

function isName(name: unknown, index: number, expected: string): boolean {
  return index % 2 === 0 && String(name).toLowerCase() === expected;
}
