import { hopByHop } from "./hop-by-hop.ts";

/** Request headers about the origin of a request, which the proxy always writes itself. */
const writtenForwarded: readonly string[] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"];

/**
 * Request headers that are never forwarded unchanged, in lower case.
 *
 * `Proxy` is not an HTTP header, but becomes `HTTP_PROXY` in CGI, which many HTTP clients use as their proxy (CVE-2016-5385).
 */
export const ownedRequestHeaders: readonly string[] = [
  ...hopByHop,
  ...writtenForwarded,
  "host",
  "expect",
  "content-length",
  "via",
  "proxy",
];
