import { isIPv4 } from "node:net";

import { ipKeyGenerator } from "express-rate-limit";

/** Addresses without one, such as those of clients on a Unix socket, share a key. */
const unknownKey = "unknown";
const mappedPrefix = "::ffff:";

const remembered = new Map<string, string>();
const mostRemembered = 1_000;

/**
 * The key of a client by its address: an IPv4 address itself, an IPv6 address as its /56 network.
 *
 * A /56 is what a provider gives one customer; by single addresses that customer would have 2^72 keys. IPv4 mapped into IPv6
 * counts as IPv4. No address gives the key `unknown`.
 */
export function ipKey(address: string | undefined): string {
  if (address === undefined) return unknownKey;
  if (!address.includes(":")) return address;
  const mapped = address.startsWith(mappedPrefix) ? address.slice(mappedPrefix.length) : "";
  if (isIPv4(mapped)) return mapped;
  return remembered.get(address) ?? remember(address);
}

/** Parsing IPv6 takes about 9 µs; a client sends more than one request. */
function remember(address: string): string {
  const key = ipKeyGenerator(address, 56);
  if (remembered.size >= mostRemembered) remembered.clear();
  remembered.set(address, key);
  return key;
}
