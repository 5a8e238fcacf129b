import { Readable } from "node:stream";

import { Chunks } from "@aivillage/middleware";

import { payloadTooLarge } from "../report/errors.ts";
import type { BodyListener, BodySource, Outlet } from "./body-types.ts";
import { ChunkRelease } from "./chunk-release.ts";

interface StreamedBodyInit {
  readonly replaced: boolean;
  readonly replayBytes: number;
  readonly onFirstRead: (() => void) | undefined;
  readonly release: ((chunk: Buffer) => void) | undefined;
  /** Most that is read of it; 0 for no limit. */
  readonly maxBytes: number;
}

/** Maximum held of a body that the target does not take yet, plus one chunk. */
const aheadBytes = 196_608;

/**
 * A body that is read from a stream while it is sent, with back-pressure.
 *
 * It sits between the source and undici for three reasons. Undici destroys its stream when the target fails, and destroying the client's
 * request would close the connection that the error response must be sent on. What was sent is kept, up to `replayBytes`, so that it can
 * be sent again. And some is read before the target takes it, because the client's departure shows only while its request is read.
 */
export class StreamedBody implements BodySource {
  readonly fields: readonly string[];
  readonly replaced: boolean;
  readonly #source: Readable;
  readonly #replayBytes: number;
  /** Read, but not requested yet. */
  #ahead = new Chunks();
  /** Passed to undici. */
  #kept: Chunks | undefined = new Chunks();
  readonly #maxBytes: number;
  #received = 0;
  #ended = false;
  #attached = false;
  #sink: Readable | undefined;
  #sinkIsRead = false;
  /** The sink is empty and has requested more. */
  #sinkWaits = false;
  #listener: BodyListener | undefined;
  #onFirstRead: (() => void) | undefined;
  readonly #release: ((chunk: Buffer) => void) | undefined;
  #chunkRelease: ChunkRelease | undefined;

  constructor(source: Readable, fields: readonly string[], { replaced, replayBytes, onFirstRead, release, maxBytes }: StreamedBodyInit) {
    this.#source = source;
    this.fields = fields;
    this.replaced = replaced;
    this.#replayBytes = replayBytes;
    this.#maxBytes = maxBytes;
    this.#onFirstRead = onFirstRead;
    this.#release = release;
  }

  get replayable(): boolean {
    return this.#kept !== undefined;
  }

  listen(listener: BodyListener): void {
    this.#listener = listener;
  }

  /** A client that waits to be asked for its body is not read before: that would ask it, and its departure shows all the same. */
  readAhead(): void {
    if (!this.#attached && this.#onFirstRead === undefined) this.#attach();
  }

  open(outlet: Outlet): Readable {
    this.readAhead();
    this.#chunkRelease = this.#release && new ChunkRelease(outlet, this.#release);
    this.#sink?.destroy();
    this.#sinkIsRead = false;
    this.#sinkWaits = false;
    // It requests more when it is empty, and what the target does not take stays here, where small chunks are joined.
    const sink = new Readable({ highWaterMark: 1, read: () => this.#read(sink) });
    this.#sink = sink;
    return sink;
  }

  sent(chunk: Buffer): void {
    if (this.#kept === undefined) this.#chunkRelease?.sent(chunk);
  }

  stop(): void {
    this.#sink = undefined;
    if (!this.#ended) this.#source.pause();
  }

  close(): void {
    this.#listener = undefined;
    this.#chunkRelease = undefined;
    this.#sink?.destroy();
    this.#sink = undefined;
    this.#kept = undefined;
    this.#ahead = new Chunks();
    if (this.#attached) this.#source.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onClose);
    if (this.replaced) this.#source.on("error", ignore).destroy();
    else if (!this.#ended) this.#source.pause();
  }

  #read(sink: Readable): void {
    if (sink !== this.#sink) return;
    this.#chunkRelease?.settle();
    this.#onFirstRead?.();
    this.#onFirstRead = undefined;
    this.readAhead();
    this.#fill(sink);
    this.#source.resume();
  }

  /** The target takes the body: it gets what was sent before in another attempt, and what was read ahead. */
  #fill(sink: Readable): void {
    const ahead = this.#ahead;
    const again = this.#sinkIsRead ? undefined : this.#kept;
    this.#sinkIsRead = true;
    this.#sinkWaits = ahead.bytes === 0;
    this.#ahead = new Chunks();
    for (const bytes of again ?? []) sink.push(bytes);
    for (const bytes of ahead) this.#send(sink, bytes);
    // In a later tick, or undici would derive a length from it, and a chunked body would be sent with a length.
    if (this.#ended) process.nextTick(() => sink.push(null));
  }

  #attach(): void {
    this.#attached = true;
    const source = this.#source;
    source.on("data", this.#onData).on("end", this.#onEnd).on("close", this.#onClose).on("error", this.#onError);
    // Its events were emitted before the listeners were attached.
    if (source.closed && !source.readableEnded) process.nextTick(this.#onClose);
  }

  readonly #onData = (chunk: Buffer | string): void => {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    this.#received += bytes.length;
    if (this.#maxBytes > 0 && this.#received > this.#maxBytes) return this.#listener?.onBodyBroken(payloadTooLarge(this.#maxBytes));
    if (this.#sink !== undefined && this.#sinkWaits) this.#send(this.#sink, bytes);
    else this.#ahead.push(bytes);
    if (this.#ahead.bytes + (this.#sink?.readableLength ?? 0) >= aheadBytes) this.#source.pause();
  };

  #send(sink: Readable, bytes: Buffer): void {
    this.#sinkWaits = false;
    if (this.#kept !== undefined && this.#kept.bytes + bytes.length > this.#replayBytes) this.#kept = undefined;
    else this.#kept?.push(bytes);
    sink.push(bytes);
  }

  readonly #onEnd = (): void => {
    this.#ended = true;
    if (this.#sinkIsRead && this.#ahead.bytes === 0) this.#sink?.push(null);
  };

  readonly #onError = (error: Error): void => this.#listener?.onBodyBroken(error);

  readonly #onClose = (): void => {
    if (!this.#ended) this.#listener?.onBodyBroken(this.#source.errored ?? new Error("the request body ended before it was complete"));
  };
}

const ignore = (): void => undefined;
