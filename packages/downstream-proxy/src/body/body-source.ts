import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

import type { ReplacedBody } from "../options/options.ts";
import { packageName } from "../options/read-targets.ts";
import { isRepeatable } from "./idempotent.ts";
import { parsedBody } from "./parsed-body.ts";
import { StreamedBody } from "./streamed-body.ts";

/** Hears when the source of a body fails before its end. */
export interface BodyListener {
  onBodyBroken(error: Error): void;
}

/** The connection that a body goes out on. */
export interface Outlet {
  /** Whether the operating system has every byte that was written to it. */
  readonly flushed: boolean;
}

/** The body of the request to the target. It can be opened again for a fallback as long as it is `replayable`. */
export interface BodySource {
  /** Fields that describe it, as a flat list of names and values. */
  readonly fields: readonly string[];
  /** True when it is not the client's, so that the client's fields about it must not be sent. */
  readonly replaced: boolean;
  /** Whether `open` can still give the whole body. */
  readonly replayable: boolean;
  /** Reads what fits into a bounded memory before the body is asked for, because only who reads sees that the client leaves. */
  readAhead(listener: BodyListener): void;
  /** The body from its start; a stream that was opened before ends. */
  open(listener: BodyListener, outlet: Outlet): Buffer | Readable | null;
  /** A piece of the opened body was written to the outlet, which may still hold it. */
  sent(piece: Buffer): void;
  /** The target takes no more of the opened body, so that nothing more of it needs to be read. */
  stop(): void;
  /** Lets go of the source. A `Readable` of the `body` option is destroyed; the client's request is not. */
  close(): void;
}

interface BodySettings {
  readonly body: ((req: IncomingMessage) => ReplacedBody | undefined) | undefined;
  readonly replayBodyBytes: number;
  readonly targets: readonly unknown[];
  readonly retries: { readonly attempts: number };
}

/**
 * Finds the body to send: what the `body` option gives, else what a body parser left in `req.body`, else the client's stream.
 *
 * @param onWanted called when the first byte of the client's stream is asked for
 * @throws Error when another handler consumed the body and left nothing that could be sent
 */
export function bodySource(req: IncomingMessage & { body?: unknown }, settings: BodySettings, onWanted?: () => void): BodySource {
  const mayBeSentAgain = settings.targets.length > 1 || (settings.retries.attempts > 1 && isRepeatable(req));
  const replayBytes = mayBeSentAgain ? settings.replayBodyBytes : 0;
  const given = settings.body?.(req);
  if (given !== undefined) return replacedBody(given, replayBytes);
  if (!announcesBody(req)) return noBody;
  if (!req.readableDidRead) return new StreamedBody(req, lengthField(req), { replaced: false, replayBytes, onWanted, release: undefined });
  const parsed = req.readableEnded ? parsedBody(req.body, req.headers["content-type"]) : undefined;
  if (parsed === undefined) {
    throw new Error(
      `${packageName}: another handler has consumed the request body and left nothing in req.body that could be sent on; ` +
        "mount the proxy before it, or give the body with the option `body`",
    );
  }
  return heldBody(parsed.body, parsed.contentType);
}

function replacedBody({ contentType, body, release }: ReplacedBody, replayBytes: number): BodySource {
  if (!(body instanceof Readable)) return heldBody(body, contentType);
  return new StreamedBody(body, ["Content-Type", contentType], { replaced: true, replayBytes, onWanted: undefined, release });
}

function heldBody(body: Buffer | string, contentType: string): BodySource {
  return new HeldBody(typeof body === "string" ? Buffer.from(body) : body, contentType);
}

/** A body that is in memory whole. */
class HeldBody implements BodySource {
  readonly fields: readonly string[];
  readonly replaced = true;
  readonly replayable = true;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, contentType: string) {
    this.#bytes = bytes;
    this.fields = ["Content-Type", contentType];
  }

  readAhead(): void {
    // It is in memory.
  }

  open(): Buffer {
    return this.#bytes;
  }

  sent(): void {
    // It stays in memory whole.
  }

  stop(): void {
    // It was written at once.
  }

  close(): void {
    // Nothing to let go of.
  }
}

/** For requests without a body. */
export const noBody: BodySource = {
  fields: [],
  replaced: false,
  replayable: true,
  readAhead: () => undefined,
  open: () => null,
  sent: () => undefined,
  stop: () => undefined,
  close: () => undefined,
};

/** Whether the head says that a body follows. */
export function announcesBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** With chunked framing the length is not known before the end, and undici sends chunks too. */
function lengthField({ headers }: IncomingMessage): readonly string[] {
  const length = headers["content-length"];
  return length === undefined ? [] : ["Content-Length", length];
}
