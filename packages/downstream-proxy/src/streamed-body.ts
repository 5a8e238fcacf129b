import { Readable } from "node:stream";

import type { BodyListener, BodySource } from "./body-source.ts";

interface StreamedBodyInit {
  readonly replaced: boolean;
  readonly replayBytes: number;
  readonly onWanted: (() => void) | undefined;
}

/**
 * A body that is read from a stream while it is sent, with back-pressure.
 *
 * It stands between the source and undici for two reasons: undici destroys the stream it was given when the target fails, and
 * destroying the client's request would cut the connection that the error must be answered on; and what was sent is kept, up to
 * `replayBytes`, so that it can be sent again.
 */
export class StreamedBody implements BodySource {
  readonly fields: readonly string[];
  readonly replaced: boolean;
  readonly #source: Readable;
  readonly #replayBytes: number;
  #kept: Buffer[] | undefined = [];
  #keptBytes = 0;
  #ended = false;
  #listening = false;
  #sink: Readable | undefined;
  #listener: BodyListener | undefined;
  #onWanted: (() => void) | undefined;

  constructor(source: Readable, fields: readonly string[], { replaced, replayBytes, onWanted }: StreamedBodyInit) {
    this.#source = source;
    this.fields = fields;
    this.replaced = replaced;
    this.#replayBytes = replayBytes;
    this.#onWanted = onWanted;
  }

  get replayable(): boolean {
    return this.#kept !== undefined;
  }

  open(listener: BodyListener): Readable {
    this.#listener = listener;
    this.#sink?.destroy();
    const sink = new Readable({ read: () => this.#read() });
    this.#sink = sink;
    for (const chunk of this.#kept ?? []) sink.push(chunk);
    if (this.#ended) sink.push(null);
    else if (!this.#listening) this.#listen();
    return sink;
  }

  close(): void {
    this.#listener = undefined;
    this.#sink?.destroy();
    this.#sink = undefined;
    this.#kept = undefined;
    if (this.#listening) this.#source.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onClose);
    if (this.replaced) this.#source.on("error", ignore).destroy();
    else if (!this.#ended) this.#source.pause();
  }

  #read(): void {
    this.#onWanted?.();
    this.#onWanted = undefined;
    this.#source.resume();
  }

  #listen(): void {
    this.#listening = true;
    const source = this.#source;
    source.on("data", this.#onData).on("end", this.#onEnd).on("close", this.#onClose).on("error", this.#onError);
    source.pause();
    // Its events came before we listened.
    if (source.closed && !source.readableEnded) process.nextTick(this.#onClose);
  }

  readonly #onData = (chunk: Buffer | string): void => {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    this.#keep(bytes);
    if (this.#sink?.push(bytes) !== true) this.#source.pause();
  };

  #keep(bytes: Buffer): void {
    this.#keptBytes += bytes.length;
    if (this.#keptBytes > this.#replayBytes) this.#kept = undefined;
    else this.#kept?.push(bytes);
  }

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#sink?.push(null);
  };

  readonly #onError = (error: Error): void => this.#listener?.onBodyBroken(error);

  readonly #onClose = (): void => {
    if (!this.#ended) this.#listener?.onBodyBroken(this.#source.errored ?? new Error("the request body ended before it was complete"));
  };
}

const ignore = (): void => undefined;
