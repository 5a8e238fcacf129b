import { isIP } from "node:net";

import { canonicalAddress } from "./canonical-address.ts";

/** The addresses whose first `bits` bits are those of `address`. */
export interface AddressRange {
  readonly address: string;
  readonly bits: number;
  readonly family: "ipv4" | "ipv6";
}

/**
 * Reads an address or a CIDR range (RFC 4632, 3.1; RFC 4291, 2.3).
 *
 * `undefined` for what is neither, for a zone, which means something only on one machine (RFC 4007, 11), and for an IPv4-mapped address.
 */
export function readRange(text: string): AddressRange | undefined {
  const [address = "", length, ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || more.length > 0 || address.includes("%")) return undefined;
  if (version === 6 && canonicalAddress(address)?.includes(":") !== true) return undefined;
  const most = version === 4 ? 32 : 128;
  const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : Infinity;
  return bits <= most ? { address, bits, family: version === 4 ? "ipv4" : "ipv6" } : undefined;
}
