import { FieldBlock, type Handler } from "@aivillage/middleware";

import { makeCspNonce } from "./csp-nonce.ts";
import { readSecurityHeadersOptions, type SecurityHeadersOptions } from "./options.ts";
import { nonceMark } from "./policies/content-security-policy.ts";
import { prepareHeaders } from "./prepare-headers.ts";

/**
 * Makes the middleware that sets the security headers of every response and removes the `X-Powered-By` of the host.
 *
 * Mount it first, so that errors carry the headers too. A later handler may replace any of them.
 *
 * @throws OptionError for an unknown or bad option
 */
export function securityHeaders(options?: SecurityHeadersOptions): Handler {
  const prepared = prepareHeaders(readSecurityHeadersOptions(options));
  const fixed = new FieldBlock(prepared.filter(([, value]) => !value.includes(nonceMark)));
  const withNonce = prepared.filter(([, value]) => value.includes(nonceMark));

  return function securityHeadersHandler(req, res, next) {
    res.removeHeader("X-Powered-By");
    fixed.setOn(res);
    if (withNonce.length > 0) {
      const nonce = makeCspNonce(req);
      for (const [name, value] of withNonce) res.setHeader(name, value.replaceAll(nonceMark, nonce));
    }
    next();
  };
}
