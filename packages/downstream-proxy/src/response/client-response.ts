import type { IncomingMessage, ServerResponse } from "node:http";

import { announceClose, cutShort, Chunks } from "@aivillage/middleware";

import type { ResponseHead, ResponseHeaders } from "../fields/response-head.ts";
import { copyHeaders } from "../fields/response-headers.ts";
import { isEventStream, isStream } from "../fields/stream-type.ts";
import { acceptsTrailers, forwardableTrailers } from "../fields/trailers.ts";
import type { Settings } from "../options/read-options.ts";
import type { ResponseFilter } from "../options/response-filter.ts";
import { endBroken } from "./end-broken.ts";
import { flushCompression } from "./flush-compression.ts";
import { Heartbeat } from "./heartbeat.ts";
import { isHeadOfMerged, isMergeable, mergeIntoJson } from "./merge-json.ts";
import type { ResponseBatch } from "./response-batch.ts";

/**
 * Passes 103 Early Hints on (RFC 8297): only their `Link` headers, which are what clients act on.
 *
 * HTTP/1.0 clients get none, because they do not know informational responses. Malformed hints are dropped, because hints are optional.
 */
export function passEarlyHints(res: ServerResponse, { link }: ResponseHeaders): void {
  if (link === undefined || res.headersSent || res.req.httpVersion === "1.0") return;
  try {
    res.writeEarlyHints({ link });
  } catch {
    // The final response follows.
  }
}

/**
 * The response to the client.
 *
 * It is sent chunk by chunk as it arrives. Only if members are to be added to a JSON object is it held, up to `mergeJsonBytes`; a larger
 * one is sent unchanged.
 */
export class ClientResponse {
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #head: ResponseHead;
  readonly #filter: ResponseFilter | undefined;
  readonly #settings: Settings;
  readonly #batch: ResponseBatch;
  /** It can have no content (RFC 9110, 6.4.1). Servers with `rejectNonStandardBodyWrites` do not even allow an empty write then. */
  readonly #isEmpty: boolean;
  #heartbeat: Heartbeat | undefined;
  #isStream = false;
  /** The content, while members are to be added to it. */
  #held: Chunks | undefined;
  /** The first chunk, while it may be the whole body; `undefined` when the head was sent. */
  #first: Buffer | undefined;

  constructor({ req, res }: Served, head: ResponseHead, filter: ResponseFilter | undefined, settings: Settings, batch: ResponseBatch) {
    this.#req = req;
    this.#res = res;
    this.#head = head;
    this.#filter = filter;
    this.#settings = settings;
    this.#batch = batch;
    this.#isEmpty = req.method === "HEAD" || head.status === 204 || head.status === 304;
    // A response below 300 may be a conversation, in which both sides send at the same time.
    if (head.status >= 300) announceClose(req, res);
    if (settings.mergeJson !== undefined && isMergeable(head, req.method, settings.mergeJsonBytes)) this.#held = new Chunks();
    else this.#sendHead();
  }

  /** Takes a chunk from the target. False if the client does not keep up and the target must wait for `drain`. */
  write(chunk: Buffer): boolean {
    return this.pass(this.#filter?.write(chunk) ?? chunk);
  }

  /** Takes bytes that are not to be filtered, with the same result. */
  pass(chunk: Buffer): boolean {
    if (chunk.length === 0 || this.#isEmpty) return true;
    this.#heartbeat?.wrote(chunk);
    if (this.#held === undefined) return this.#pass(chunk);
    this.#held.push(chunk);
    return this.#held.bytes <= this.#settings.mergeJsonBytes || this.#sendHeld(this.#held);
  }

  /** Ends the response; `members` is called only if they can be added. */
  end(trailers: ResponseHeaders, members: () => Readonly<Record<string, unknown>>): void {
    this.pass(this.#filter?.end("completed") ?? noChunk);
    if (this.#held !== undefined) return this.#endMerged(this.#held, members);
    if (this.#first !== undefined && this.#res.hasHeader("Content-Length")) return this.#endWhole(this.#first);
    this.#flush();
    const mayHaveTrailers = this.#res.chunkedEncoding || this.#req.httpVersionMajor === 2;
    const forwarded = mayHaveTrailers && acceptsTrailers(this.#req) ? forwardableTrailers(trailers, this.#settings) : undefined;
    if (forwarded !== undefined) this.#res.addTrailers(forwarded);
    this.#res.end();
  }

  /** Ends a response that cannot be completed, visibly. Its head was sent. */
  breakOff(error: unknown): void {
    const last = this.#filter?.end("broken", error) ?? noChunk;
    if (last.length === 0 || this.#res.hasHeader("Content-Length")) return cutShort(this.#res);
    this.#flush();
    endBroken(this.#res, last);
  }

  /** The client has left. */
  left(): void {
    this.#filter?.end("client-left");
  }

  /** Call this when nothing more will be written, whether the response is complete or not. */
  stop(): void {
    this.#heartbeat?.stop();
  }

  #sendHeld(held: Chunks): boolean {
    this.#held = undefined;
    this.#sendHead();
    let flowing = true;
    for (const chunk of held) flowing = this.#pass(chunk);
    return flowing;
  }

  /** A small first chunk waits for the end of this tick: most responses arrive whole, and one write costs half of two. */
  #pass(chunk: Buffer): boolean {
    if (this.#first === noChunk && chunk.length <= wholeBytes) {
      this.#first = chunk;
      return true;
    }
    this.#flush();
    const flowing = this.#res.write(chunk);
    if (this.#isStream) flushCompression(this.#res);
    return flowing;
  }

  /** Sends what has waited: the head, and the first chunk if there is one. */
  readonly #flush = (): void => {
    const waiting = this.#first;
    if (waiting === undefined || this.#res.destroyed) return;
    this.#first = undefined;
    this.#res.write(waiting);
    if (this.#isStream) flushCompression(this.#res);
  };

  /** Head and body as one string, which `node:http` writes at once. Latin-1 maps every byte to itself. */
  #endWhole(body: Buffer): void {
    this.#first = undefined;
    this.#batch.end(this.#res, body.toString("latin1"));
  }

  #endMerged(held: Chunks, members: () => Readonly<Record<string, unknown>>): void {
    const body = held.joined();
    const merged = mergeIntoJson(body, members);
    const isChanged = merged !== undefined || this.#filter?.changes === true;
    copyHeaders(this.#res, this.#head, this.#settings, isChanged ? { length: merged?.length ?? body.length } : undefined);
    this.#res.writeHead(this.#head.status);
    this.#batch.end(this.#res, merged ?? body.toString("latin1"));
  }

  /** Sends the head in this tick, so that an event stream begins before its first event, and in one packet with what follows in this tick. */
  #sendHead(): void {
    const isChanged = this.#filter?.changes === true || isHeadOfMerged(this.#head, this.#req.method, this.#settings);
    copyHeaders(this.#res, this.#head, this.#settings, isChanged ? {} : undefined);
    if (this.#isTrailersOnly()) {
      this.#res.statusCode = this.#head.status;
      return;
    }
    this.#res.writeHead(this.#head.status);
    if (this.#isEmpty) return;
    this.#isStream = isStream(this.#head.headers);
    // Not flushHeaders(): that would encode the headers as UTF-8 and change bytes beyond ASCII.
    this.#first = noChunk;
    process.nextTick(this.#flush);
    this.#startHeartbeat();
  }

  /** A call of gRPC that has failed: its client expects that the head ends the stream, so it is sent with the end. */
  #isTrailersOnly(): boolean {
    return this.#req.httpVersionMajor === 2 && this.#head.headers["grpc-status"] !== undefined;
  }

  /** Comments can be added only if neither a length nor a content coding would make them wrong. */
  #startHeartbeat(): void {
    const { heartbeatMs } = this.#settings;
    const { headers } = this.#head;
    if (heartbeatMs === 0 || !isEventStream(headers) || headers["content-encoding"] !== undefined) return;
    if (this.#req.method !== "HEAD" && !this.#res.hasHeader("Content-Length")) this.#heartbeat = new Heartbeat(this.#res, heartbeatMs);
  }
}

/** What a server passes to a handler. */
interface Served {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** Stands for a first chunk that has not arrived yet. */
const noChunk = Buffer.alloc(0);

/** Largest body that is copied into a string to save a write; for a larger one the copy costs more. */
const wholeBytes = 16_384;
