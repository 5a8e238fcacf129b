import { BlockList, isIPv4, isIPv6 } from "node:net";

import { optionError } from "@aivillage/middleware";

import { canonicalAddress } from "./address.ts";

const uniqueLocal = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

/** RFC 1122 and 4291 (loopback), RFC 3927 and 4291 (link-local), RFC 1918 and 4193 (private use). */
const named: ReadonlyMap<string, readonly string[]> = new Map([
  ["loopback", ["127.0.0.0/8", "::1"]],
  ["linklocal", ["169.254.0.0/16", "fe80::/10"]],
  ["uniquelocal", uniqueLocal],
  ["private", uniqueLocal],
]);

/**
 * Builds the question "is this canonical address one of the trusted proxies?".
 *
 * @throws TypeError that names `trustedProxies[i]`
 */
export function makeTrust(entries: readonly unknown[]): (address: string) => boolean {
  if (entries.length === 0) return () => false;
  const trusted = new BlockList();
  for (const [index, entry] of entries.entries()) addEntry(trusted, entry, `trustedProxies[${index}]`);
  return (address) => trusted.check(address, address.includes(":") ? "ipv6" : "ipv4");
}

/**
 * Makes the test whether the peer of a connection is one of the trusted proxies, for code that sees connections and not requests.
 *
 * @param entries as in the option `trustedProxies` of `clientIp()`
 * @throws TypeError that names `trustedProxies[i]`
 */
export function trustedPeers(entries: readonly string[]): (peer: string | undefined) => boolean {
  const isTrusted = makeTrust(entries);
  return (peer = "") => {
    const address = canonicalAddress(peer);
    return address !== undefined && isTrusted(address);
  };
}

function addEntry(trusted: BlockList, entry: unknown, path: string): void {
  if (typeof entry !== "string") throw badEntry(path, entry);
  for (const range of named.get(entry) ?? [entry]) addRange(trusted, range, path);
}

function addRange(trusted: BlockList, range: string, path: string): void {
  const [address = "", prefix, ...rest] = range.split("/");
  const bits = isIPv4(address) ? 32 : 128;
  if (rest.length > 0 || !(isIPv4(address) || isIPv6(address)) || address.includes("%")) throw badEntry(path, range);
  if (bits === 128 && canonicalAddress(address)?.includes(".") === true) {
    throw refusal(path, "an IPv4 address or range without the `::ffff:` before it, because peers are compared as IPv4", range);
  }
  const length = prefix === undefined ? bits : readPrefix(prefix, bits);
  if (length === undefined) throw badEntry(path, range);
  if (length === 0)
    throw refusal(path, "narrower than every address, or anybody could choose its own; list the ranges of your proxies", range);
  trusted.addSubnet(address, length, bits === 32 ? "ipv4" : "ipv6");
}

function readPrefix(text: string, bits: number): number | undefined {
  const length = /^[0-9]{1,3}$/.test(text) ? Number(text) : bits + 1;
  return length <= bits ? length : undefined;
}

function badEntry(path: string, got: unknown): TypeError {
  const names = [...named.keys()].map((name) => `"${name}"`).join(", ");
  return refusal(path, `an IP address, a CIDR range such as "10.0.0.0/8", or one of ${names}`, got);
}

function refusal(path: string, expected: string, got: unknown): TypeError {
  return optionError("@aivillage/client-ip", path, expected, got);
}
