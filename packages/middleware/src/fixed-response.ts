import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

import { endWith } from "./end-with.ts";
import type { Handler } from "./handler.ts";

const compress = promisify(gzip);

/** A content in one coding. */
interface Representation {
  readonly body: Buffer;
  readonly etag: string;
  readonly coding?: "gzip";
}

/**
 * Makes a handler that responds with bytes that never change, compressed once for clients that take gzip. A client that has them gets 304
 * (RFC 9110, 13.1.2). Caches must ask whether they still have the right ones (RFC 9111, 5.2.2.4).
 *
 * @param type the media type, with its charset
 */
export function fixedResponse(type: string, content: string | Buffer): Handler {
  const body = Buffer.from(content);
  const digest = createHash("sha256").update(body).digest("base64url").slice(0, 22);
  const plain: Representation = { body, etag: `"${digest}"` };
  let gzipped: Promise<Representation> | undefined;

  function choose(req: IncomingMessage): Promise<Representation> {
    if (!acceptsGzip(req.headers["accept-encoding"])) return Promise.resolve(plain);
    // Not at the start, which it would slow down.
    gzipped ??= compress(body).then((bytes) => ({ body: bytes, etag: `"${digest}-gzip"`, coding: "gzip" }));
    return gzipped;
  }

  return function fixedResponseHandler(req, res, next) {
    choose(req).then((representation) => send(req, res, type, representation), next);
  };
}

function send(req: IncomingMessage, res: ServerResponse, type: string, { body, etag, coding }: Representation): void {
  if (res.headersSent || res.destroyed) return;
  res.setHeader("ETag", etag);
  res.setHeader("Cache-Control", "no-cache");
  res.appendHeader("Vary", "Accept-Encoding");
  if (isKnown(req.headers["if-none-match"], etag)) {
    res.statusCode = 304;
    res.end();
    return;
  }
  res.setHeader("Content-Type", type);
  if (coding !== undefined) res.setHeader("Content-Encoding", coding);
  res.setHeader("Content-Length", body.length);
  endWith(res, body);
}

/** Whether gzip, or everything, is accepted with a weight above 0 (RFC 9110, 12.5.3). */
export function acceptsGzip(field: string | string[] | undefined): boolean {
  const weights = new Map<string, number>();
  for (const entry of String(field ?? "").split(",")) {
    const [coding = "", ...parameters] = entry.split(";").map((text) => text.trim().toLowerCase());
    const weight = parameters.find((text) => text.startsWith("q="));
    weights.set(coding === "x-gzip" ? "gzip" : coding, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  return (weights.get("gzip") ?? weights.get("*") ?? 0) > 0;
}

/** Weak comparison (RFC 9110, 8.8.3.2); none of our tags holds a comma. */
function isKnown(field: string | undefined, etag: string): boolean {
  return field !== undefined && field.split(",").some((tag) => ["*", etag].includes(tag.trim().replace(/^W\//, "")));
}
