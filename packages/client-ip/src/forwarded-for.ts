import { isIPv6 } from "node:net";

import { canonicalAddress } from "@aivillage/middleware";

import { addressOfNode } from "./address.ts";

/**
 * The entries of an `X-Forwarded-For`, the last one first and at most `limit` of them; `undefined` for an entry that names
 * no address. An IPv6 address may be bare or in brackets, ports are cut off.
 */
export function* readForwardedFor(value: string, limit: number): Generator<string | undefined> {
  let end = value.length;
  for (let count = 0; count < limit && end >= 0; count += 1) {
    const comma = end === 0 ? -1 : value.lastIndexOf(",", end - 1);
    const entry = value.slice(comma + 1, end).trim();
    yield isIPv6(entry) ? canonicalAddress(entry) : addressOfNode(entry);
    end = comma;
  }
}
