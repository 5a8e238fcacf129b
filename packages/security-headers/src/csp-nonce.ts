import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { requestValue } from "@aivillage/middleware";

const nonce = requestValue<string>("@aivillage/security-headers.cspNonce");

/**
 * The nonce of this request's Content-Security-Policy, for the `nonce` attribute of `<script>` and `<style>`.
 *
 * `undefined` unless a `securityHeaders()` whose policy asks for one, as the `web` preset does, has run before.
 */
export function getCspNonce(req: IncomingMessage): string | undefined {
  return nonce.get(req);
}

/** 128 random bits, as CSP Level 3 (7.1) asks; never used for two requests. A page may have the one of a `securityHeaders()` further out already. */
export function makeCspNonce(req: IncomingMessage): string {
  const known = nonce.get(req);
  if (known !== undefined) return known;
  const value = randomBytes(16).toString("base64");
  nonce.set(req, value);
  return value;
}
