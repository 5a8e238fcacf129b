import { optionError } from "@aivillage/middleware";

import { packageName } from "../options/read-targets.ts";
import { headerPattern } from "./header-patterns.ts";
import { hopByHop } from "./hop-by-hop.ts";

/** Request headers that tell where a request comes from, and that the proxy writes itself, whoever the peer is. */
const writtenForwarded: readonly string[] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"];

/**
 * Request headers that are never forwarded as they came, in lower case.
 *
 * `Proxy` is not an HTTP header, but becomes `HTTP_PROXY` in CGI, where many clients take it for their proxy (CVE-2016-5385).
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

/** Headers that options of their own forward. */
const byOption = new Map([
  ["authorization", "forwardAuthorization"],
  ["cookie", "forwardCookies"],
]);

/** Checks the names that an option lists: the form of each, and that it is not one that the proxy alone decides. */
export function readHeaderNames(optionName: string, names: readonly string[], owned: readonly string[]): readonly string[] {
  for (const [index, name] of names.entries()) {
    const fail = (expected: string): never => {
      throw optionError(packageName, `${optionName}[${index}]`, expected, name);
    };
    if (typeof name !== "string" || !headerPattern.test(name)) fail("a header name such as `X-Tenant-Id`, or `X-Auth-Request-*` for many");
    const lowerCase = name.toLowerCase();
    const option = byOption.get(lowerCase);
    if (option !== undefined) fail(`a header without an option of its own: set \`${option}\` instead`);
    if (owned.includes(lowerCase)) fail("a header that does not frame the message, concern one connection, or belong to the proxy");
  }
  return names;
}
