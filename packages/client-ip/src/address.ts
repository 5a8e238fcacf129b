import { isIPv4, isIPv6, SocketAddress } from "node:net";

const mapped = "::ffff:";

/**
 * The one way in which an address is written here, so that it can be compared and used as a key.
 *
 * IPv6 is lower-case and compressed (RFC 5952) without its zone, which means something only on the machine that wrote it; an
 * IPv4-mapped IPv6 address is the IPv4 address. `undefined` for what is no address.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return undefined;
  // What a dual-stack socket reports for every IPv4 peer: no need to parse it in full.
  if (text.startsWith(mapped) && isIPv4(text.slice(mapped.length))) return text.slice(mapped.length);
  const [address = ""] = text.split("%", 1);
  const canonical = new SocketAddress({ address, family: "ipv6" }).address;
  return canonical.startsWith(mapped) && canonical.includes(".") ? canonical.slice(mapped.length) : canonical;
}

const nodeForm = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?$/;

/**
 * The address in a node identifier (RFC 7239, 6): IPv4, or IPv6 in brackets, either with a port, which is cut off.
 *
 * `undefined` for `unknown`, for an obfuscated identifier such as `_gateway`, and for what is malformed.
 */
export function addressOfNode(node: string): string | undefined {
  const [, bracketed, bare] = nodeForm.exec(node) ?? [];
  if (bracketed !== undefined) return isIPv6(bracketed) ? canonicalAddress(bracketed) : undefined;
  return bare !== undefined && isIPv4(bare) ? bare : undefined;
}
