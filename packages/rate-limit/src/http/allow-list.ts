import { BlockList, isIP } from "node:net";

import { optionError } from "@aivillage/middleware";

const packageName = "@aivillage/rate-limit";
const expected = "an IP address or a network such as 192.0.2.0/24";
const mostRemembered = 1_000;

/** Makes the check whether an address is on a list of addresses and networks; IPv4 mapped into IPv6 counts as IPv4. */
export function allowList(entries: readonly unknown[]): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const [index, entry] of entries.entries()) addTo(list, entry, `allow[${index}]`);
  const remembered = new Map<string, boolean>();

  return function isAllowed(address) {
    if (address === undefined) return false;
    const known = remembered.get(address);
    if (known !== undefined) return known;
    const version = isIP(address);
    const found = version !== 0 && list.check(address, version === 4 ? "ipv4" : "ipv6");
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(address, found);
    return found;
  };
}

function addTo(list: BlockList, entry: unknown, name: string): void {
  const [address = "", prefix, ...rest] = typeof entry === "string" ? entry.split("/") : [];
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity;
  if (version === 0 || length > bits || rest.length > 0) throw optionError(packageName, name, expected, entry);
  list.addSubnet(address, length, version === 4 ? "ipv4" : "ipv6");
}
