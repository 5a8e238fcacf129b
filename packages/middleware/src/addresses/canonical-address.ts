import { isIPv4, isIPv6, SocketAddress } from "node:net";

import { memoize } from "../memoize.ts";

const mapped = "::ffff:";

/**
 * The one way in which an address is written here, so that it can be compared and used as a key.
 *
 * IPv6 is lower-case and compressed (RFC 5952) without its zone, which means something only on the machine that wrote it (RFC 4007, 11).
 * An IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2) is the IPv4 address, however it is written. `undefined` for what is not an address.
 */
export function canonicalAddress(text: string): string | undefined {
  return canonical(text) || undefined;
}

/** Checking an IPv4 address costs as much as a handler and parsing IPv6 about 6 µs, and a client sends more than one request. */
const canonical = memoize(5_000, (text) => {
  if (!text.includes(":")) return isIPv4(text) ? text : "";
  if (!isIPv6(text)) return "";
  const [address = ""] = text.split("%", 1);
  const written = new SocketAddress({ address, family: "ipv6" }).address;
  return written.startsWith(mapped) && written.includes(".") ? written.slice(mapped.length) : written;
});
