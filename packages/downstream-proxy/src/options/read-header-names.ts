import { optionError } from "@aivillage/middleware";

import { headerPattern } from "../fields/header-patterns.ts";
import { packageName } from "./package-name.ts";

/** Headers that have their own option. */
const byOption = new Map([
  ["authorization", "forwardAuthorization"],
  ["cookie", "forwardCookies"],
]);

/** Checks the names that an option lists: their syntax, and that none of them is owned by the proxy. */
export function readHeaderNames(optionName: string, names: readonly string[], owned: readonly string[]): readonly string[] {
  for (const [index, name] of names.entries()) {
    const fail = (expected: string): never => {
      throw optionError(packageName, `${optionName}[${index}]`, expected, name);
    };
    if (typeof name !== "string" || !headerPattern.test(name)) fail("a header name such as `X-Tenant-Id`, or `X-Auth-Request-*` for many");
    const lowerCase = name.toLowerCase();
    const option = byOption.get(lowerCase);
    if (option !== undefined) fail(`a header without its own option: set \`${option}\` instead`);
    if (owned.includes(lowerCase)) fail("a header that does not frame the message, concern one connection, or belong to the proxy");
  }
  return names;
}
