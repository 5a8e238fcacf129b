import { isIPv4, isIPv6 } from "node:net";

import { canonicalAddress } from "@aivillage/middleware";

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
