import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

import { hasBody } from "@aivillage/middleware";

import type { ReplacedBody } from "../options/option-values.ts";
import { packageName } from "../options/package-name.ts";
import { payloadTooLarge } from "../report/errors.ts";
import type { BodySource } from "./body-types.ts";
import { isIdempotent } from "./idempotent.ts";
import { parsedBody } from "./parsed-body.ts";
import { StreamedBody } from "./streamed-body.ts";

interface BodySettings {
  readonly body: ((req: IncomingMessage) => ReplacedBody | undefined) | undefined;
  readonly replayBodyBytes: number;
  /** 0 for no limit. */
  readonly maxBodyBytes: number;
  readonly targets: readonly unknown[];
  readonly retries: { readonly attempts: number; readonly methods: ReadonlySet<string> };
  readonly failOverStatuses: ReadonlySet<number>;
}

/**
 * Finds the body to send: the result of the `body` option, otherwise what a body parser left in `req.body`, otherwise the client's stream.
 *
 * @param onFirstRead called when the first byte of the client's stream is requested
 * @throws HttpProblem 413 for an announced length above `maxBodyBytes`
 * @throws Error if another handler consumed the body and left nothing that could be sent
 */
export function bodySource(req: IncomingMessage & { body?: unknown }, settings: BodySettings, onFirstRead?: () => void): BodySource {
  const replayBytes = mayBeSentAgain(req, settings) ? settings.replayBodyBytes : 0;
  const given = settings.body?.(req);
  if (given !== undefined) return replacedBody(given, replayBytes);
  if (!hasBody(req)) return noBody;
  // A parser has read a chunked body to its end, and nothing was in it.
  if (!req.readableDidRead && req.readableEnded) return heldBody("", req.headers["content-type"]);
  const { maxBodyBytes } = settings;
  if (maxBodyBytes > 0 && Number(req.headers["content-length"] ?? 0) > maxBodyBytes) throw payloadTooLarge(maxBodyBytes);
  // Bytes that an earlier handler left beside a stream that it made readable again are the same, and can be sent again.
  const isLeft = req.body instanceof Uint8Array;
  if (!req.readableDidRead && !isLeft) {
    return new StreamedBody(req, lengthField(req), {
      replaced: false,
      replayBytes,
      onFirstRead,
      release: undefined,
      maxBytes: maxBodyBytes,
    });
  }
  const parsed = isLeft || req.readableEnded ? parsedBody(req.body, req.headers) : undefined;
  if (parsed === undefined) {
    throw new Error(
      `${packageName}: another handler has consumed the request body, and what it left in req.body cannot be forwarded unchanged; ` +
        "mount the proxy before it, parse with express.raw(), or provide the body with the option `body`",
    );
  }
  return heldBody(parsed.body, parsed.contentType);
}

function mayBeSentAgain(req: IncomingMessage, { targets, retries, failOverStatuses }: BodySettings): boolean {
  if (targets.length > 1) return true;
  return retries.attempts > 1 && (failOverStatuses.size > 0 || retries.methods.has(req.method ?? "") || isIdempotent(req));
}

function replacedBody({ contentType, body, release }: ReplacedBody, replayBytes: number): BodySource {
  if (!(body instanceof Readable)) return heldBody(body, contentType);
  return new StreamedBody(body, ["Content-Type", contentType], {
    replaced: true,
    replayBytes,
    onFirstRead: undefined,
    release,
    maxBytes: 0,
  });
}

function heldBody(body: Buffer | string, contentType: string | undefined): BodySource {
  return new HeldBody(typeof body === "string" ? Buffer.from(body) : body, contentType);
}

/** A body that is in memory completely. */
export class HeldBody implements BodySource {
  readonly fields: readonly string[];
  readonly replaced = true;
  readonly replayable = true;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, contentType: string | undefined) {
    this.#bytes = bytes;
    this.fields = contentType === undefined ? [] : ["Content-Type", contentType];
  }

  open(): Buffer {
    return this.#bytes;
  }
}

/** For requests without a body. */
export const noBody: BodySource = { fields: [], replaced: false, replayable: true, open: () => null };

/** With chunked framing the length is unknown before the end, and undici sends chunks too. */
function lengthField({ headers }: IncomingMessage): readonly string[] {
  const length = headers["content-length"];
  return length === undefined ? [] : ["Content-Length", length];
}
