import { isIPv4 } from "node:net";

import { ipKeyGenerator } from "express-rate-limit";

/** Addresses without one, such as those of clients on a Unix socket, share a key. */
const unknownKey = "unknown";
const mappedPrefix = "::ffff:";

/** The keys of addresses that are not plain IPv4, in two generations, so that those in use are not forgotten with the others. */
let young = new Map<string, string>();
let old = new Map<string, string>();
const mostYoung = 5_000;

/**
 * The key of a client by its address: an IPv4 address itself, an IPv6 address as its /56 network.
 *
 * A /56 is what a provider gives one customer; by single addresses that customer would have 2^72 keys. IPv4 mapped into IPv6
 * counts as IPv4. No address gives the key `unknown`.
 */
export function ipKey(address: string | undefined): string {
  if (address === undefined) return unknownKey;
  if (!address.includes(":")) return address;
  return young.get(address) ?? remember(address, old.get(address) ?? parse(address));
}

/** Parsing IPv6 takes about 9 µs; a client sends more than one request. */
function parse(address: string): string {
  const mapped = address.startsWith(mappedPrefix) ? address.slice(mappedPrefix.length) : "";
  return isIPv4(mapped) ? mapped : ipKeyGenerator(address, 56);
}

function remember(address: string, key: string): string {
  if (young.size >= mostYoung) {
    old = young;
    young = new Map();
  }
  young.set(address, key);
  return key;
}
