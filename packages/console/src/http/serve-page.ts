import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";

import type { Handler } from "@aivillage/middleware";

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
    const page = titled.replaceAll("{nonce}", nonce);
    res.setHeader("Content-Type", "text/html; charset=utf-8");
    res.setHeader("Cache-Control", "no-store");
    res.setHeader("Content-Length", Buffer.byteLength(page));
    // Node leaves out the body of a response to HEAD.
    res.end(page);
  };
}

/** Sends a file with the headers that all of the console have. */
export function serveAsset(asset: Handler, ...[req, res, next]: Parameters<Handler>): void {
  setCommonHeaders(res);
  asset(req, res, next);
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
