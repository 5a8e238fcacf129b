import { BlockList } from "node:net";

import { optionError } from "../option-error.ts";
import { canonicalAddress } from "./canonical-address.ts";
import { readRange } from "./read-range.ts";
import { withoutPort } from "./without-port.ts";

const uniqueLocal = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

/** RFC 1122 and 4291 (loopback), RFC 3927 and 4291 (link-local), RFC 1918 and 4193 (private use). */
const named: ReadonlyMap<string, readonly string[]> = new Map([
  ["loopback", ["127.0.0.0/8", "::1"]],
  ["linklocal", ["169.254.0.0/16", "fe80::/10"]],
  ["uniquelocal", uniqueLocal],
  ["private", uniqueLocal],
]);

const names = [...named.keys()].map((name) => `"${name}"`).join(", ");
const expected = `an IP address, a CIDR range such as "10.0.0.0/8", or one of ${names}`;
const expectedUnmapped = "an IPv4 address or range without the `::ffff:` before it, because addresses are compared as IPv4";

/**
 * Makes the check whether an address is on a list of IP addresses, CIDR ranges (RFC 4632, 3.1; RFC 4291, 2.3), and the names `loopback`,
 * `linklocal`, `uniquelocal` and `private` (the same as `uniquelocal`).
 *
 * The address that is checked may be IPv4-mapped and may have a zone or a port. What is not an address is on no list. Entries are written without
 * any of them, since a client could never match them; a range need not begin at its border.
 *
 * @param optionName where the list stands, such as `trustedProxies`; errors name `trustedProxies[2]`
 * @throws OptionError for an entry that is none of these
 */
export function addressList(
  packageName: string,
  optionName: string,
  entries: readonly unknown[],
): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const [index, entry] of entries.entries()) {
    const path = `${optionName}[${index}]`;
    if (typeof entry !== "string") throw optionError(packageName, path, expected, entry);
    for (const text of named.get(entry) ?? [entry]) {
      const range = readRange(text);
      if (range === undefined) throw optionError(packageName, path, isMapped(text) ? expectedUnmapped : expected, entry);
      list.addSubnet(range.address, range.bits, range.family);
    }
  }

  return (text) => {
    const address = text === undefined || entries.length === 0 ? undefined : canonicalAddress(withoutPort(text));
    return address !== undefined && list.check(address, address.includes(":") ? "ipv6" : "ipv4");
  };
}

function isMapped(text: string): boolean {
  const [address = ""] = text.split("/", 1);
  return address.includes(":") && canonicalAddress(address)?.includes(".") === true;
}
