import type { Readable } from "node:stream";

/** Is notified when the source of a body fails before its end. */
export interface BodyListener {
  onBodyBroken(error: Error): void;
}

/** The connection that a body is sent on. */
export interface Outlet {
  /** Whether the operating system has every byte that was written to it. */
  readonly flushed: boolean;
}

/** The body of the request to the target. It can be opened again for another attempt while it is `replayable`. */
export interface BodySource {
  /** Headers that describe it, as a flat list of names and values. */
  readonly fields: readonly string[];
  /** True if it is not the client's, so the client's headers about it must not be sent. */
  readonly replaced: boolean;
  /** Whether `open` can still return the whole body. */
  readonly replayable: boolean;
  /** The body from its start. A stream that was opened before ends. */
  open(outlet: Outlet): Buffer | Readable | null;

  // Only a body that is read while it is sent has the following.

  /** Sets who is notified when the source fails. */
  listen?(listener: BodyListener): void;
  /** Reads a bounded part before the body is opened, because the client's departure shows only while its request is read. */
  readAhead?(): void;
  /** A chunk of the opened body was written to the outlet, which may still hold it. */
  sent?(chunk: Buffer): void;
  /** The target takes no more of the opened body, so the rest need not be read. */
  stop?(): void;
  /** Releases the source. A `Readable` of the `body` option is destroyed; the client's request is not. */
  close?(): void;
}
