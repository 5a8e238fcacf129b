import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Asset } from "../assets.ts";

/** Everything but scripts and styles with the nonce of the response, and requests to this origin, is forbidden; so is text as markup. */
function contentPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

function setCommonHeaders(res: ServerResponse): void {
  res.setHeader("X-Content-Type-Options", "nosniff");
  res.setHeader("Referrer-Policy", "no-referrer");
  res.setHeader("Cross-Origin-Resource-Policy", "same-origin");
}

/** Makes the function that sends the page. It contains no data, so everyone may have it. */
export function servePage(template: string, title: string): (res: ServerResponse) => void {
  const titled = template.replaceAll("{title}", escapeHtml(title));
  return (res) => {
    const nonce = randomBytes(16).toString("base64");
    setCommonHeaders(res);
    res.setHeader("Content-Security-Policy", contentPolicy(nonce));
    res.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    send(res, "text/html; charset=utf-8", "no-store", titled.replaceAll("{nonce}", nonce));
  };
}

export function serveAsset(req: IncomingMessage, res: ServerResponse, { type, content, etag }: Asset): void {
  setCommonHeaders(res);
  res.setHeader("ETag", etag);
  if (req.headers["if-none-match"] !== etag) return send(res, type, "no-cache", content);
  res.statusCode = 304;
  res.end();
}

/** Node leaves out the body of a response to HEAD. */
function send(res: ServerResponse, type: string, caching: string, content: string | Buffer): void {
  res.statusCode = 200;
  res.setHeader("Content-Type", type);
  res.setHeader("Cache-Control", caching);
  res.setHeader("Content-Length", Buffer.byteLength(content));
  res.end(content);
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
