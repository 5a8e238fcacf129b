import type { IncomingMessage, ServerResponse } from "node:http";

import { announceClose, Pieces } from "@aivillage/middleware";

import { type AnswerHead, type AnswerHeaders, copyHeaders, forwardableTrailers } from "../fields/response-headers.ts";
import { isEventStream } from "../fields/stream-type.ts";
import type { Settings } from "../options/read-options.ts";
import { acceptsTrailers } from "../request/request-headers.ts";
import { Heartbeat } from "./heartbeat.ts";
import { isMergeable, mergeIntoJson } from "./merge-json.ts";
import { resetConnection } from "./reset-connection.ts";
import type { Outbox } from "./response-batch.ts";

/**
 * The answer on its way to the client.
 *
 * It goes out piece by piece as it comes. Only when members are to be added to a JSON object is it held back, up to
 * `mergeJsonBytes`; when it grows larger, it goes out after all.
 */
export class Answer {
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #head: AnswerHead;
  readonly #settings: Settings;
  readonly #outbox: Outbox;
  #heartbeat: Heartbeat | undefined;
  #held: Pieces | undefined;
  /** The first piece, while it may still turn out to be the whole body; `undefined` once the head is out. */
  #first: Buffer | undefined;

  constructor(req: IncomingMessage, res: ServerResponse, head: AnswerHead, settings: Settings, outbox: Outbox) {
    this.#req = req;
    this.#res = res;
    this.#head = head;
    this.#settings = settings;
    this.#outbox = outbox;
    // Anything else may be a conversation, in which both sides send at the same time.
    if (head.status >= 300) announceClose(req, res);
    if (settings.mergeJson !== undefined && isMergeable(head, req.method, settings.mergeJsonBytes)) this.#held = new Pieces();
    else this.#sendHead();
  }

  /** False when the client does not keep up and the target must wait for `drain`. */
  write(chunk: Buffer): boolean {
    this.#heartbeat?.wrote(chunk);
    if (this.#held === undefined) return this.#pass(chunk);
    this.#held.push(chunk);
    return this.#held.bytes <= this.#settings.mergeJsonBytes || this.#letGo(this.#held);
  }

  /** Ends the answer; `members` is asked for only when they can be added. */
  end(trailers: AnswerHeaders, members: () => Readonly<Record<string, unknown>>): void {
    if (this.#held !== undefined) return this.#endHeld(this.#held, members);
    if (this.#first !== undefined && this.#res.hasHeader("Content-Length")) return this.#endWhole(this.#first);
    this.#flush();
    const forwarded = this.#res.chunkedEncoding && acceptsTrailers(this.#req) ? forwardableTrailers(trailers, this.#settings) : undefined;
    if (forwarded !== undefined) this.#res.addTrailers(forwarded);
    this.#res.end();
  }

  /** Nothing more will be written of it, whether it is complete or not. */
  stop(): void {
    this.#heartbeat?.stop();
  }

  #letGo(held: Pieces): boolean {
    this.#held = undefined;
    this.#sendHead();
    let flowing = true;
    for (const chunk of held) flowing = this.#pass(chunk);
    return flowing;
  }

  /** A small first piece waits for the end of this step: most answers of services come whole, and one write is half of two. */
  #pass(chunk: Buffer): boolean {
    if (this.#first === nothing && chunk.length <= wholeBytes) {
      this.#first = chunk;
      return true;
    }
    this.#flush();
    return this.#res.write(chunk);
  }

  /** Sends what has waited: the head, and the first piece if it has come. */
  readonly #flush = (): void => {
    const waiting = this.#first;
    if (waiting === undefined || this.#res.destroyed) return;
    this.#first = undefined;
    this.#res.write(waiting);
  };

  /** Head and body as one text, which `node:http` hands to the system in one piece. Latin-1 maps every byte to itself. */
  #endWhole(body: Buffer): void {
    this.#first = undefined;
    this.#outbox.end(this.#res, body.toString("latin1"));
  }

  #endHeld(held: Pieces, members: () => Readonly<Record<string, unknown>>): void {
    const body = held.joined();
    const merged = mergeIntoJson(body, members);
    copyHeaders(this.#res, this.#head, this.#settings, merged?.length);
    this.#res.writeHead(this.#head.status);
    this.#outbox.end(this.#res, merged ?? body.toString("latin1"));
  }

  /** In this step, so that an event stream begins before its first event; in one packet with what follows in the same step. */
  #sendHead(): void {
    copyHeaders(this.#res, this.#head, this.#settings);
    this.#res.writeHead(this.#head.status);
    // Not flushHeaders(): that would encode the fields as UTF-8, and bytes beyond ASCII would come out changed.
    this.#first = nothing;
    process.nextTick(this.#flush);
    this.#startHeartbeat();
  }

  /** Comments can be added only where neither a length nor a coding would make them wrong. */
  #startHeartbeat(): void {
    const { heartbeatMs } = this.#settings;
    const { headers } = this.#head;
    if (heartbeatMs === 0 || !isEventStream(headers) || headers["content-encoding"] !== undefined) return;
    if (this.#req.method !== "HEAD" && !this.#res.hasHeader("Content-Length")) this.#heartbeat = new Heartbeat(this.#res, heartbeatMs);
  }
}

const nothing = Buffer.alloc(0);

/** What is copied into a text to save a write; above it the copy costs more. */
const wholeBytes = 16_384;

/**
 * Ends an answer that cannot be completed, so that the client does not take it for complete.
 *
 * Where neither a length nor chunks would show that something is missing, the connection is reset instead of closed.
 */
export function cutShort(res: ServerResponse): void {
  const framed = res.chunkedEncoding || res.hasHeader("Content-Length");
  if (!framed && res.socket !== null) resetConnection(res.socket);
  res.destroy();
}
