import { BlockList, isIP, isIPv4 } from "node:net";

export const addressesExpected = "a list of IP addresses and CIDR ranges, such as 192.0.2.7 and 2001:db8::/32";

/** An address, or a range with its length in bits. */
function readRange(text: string): { address: string; bits: number; family: "ipv4" | "ipv6" } | undefined {
  const [address = "", length, ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || more.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined;
  const most = version === 4 ? 32 : 128;
  const bits = length === undefined ? most : Number(length);
  return bits <= most && !address.includes("%") ? { address, bits, family: version === 4 ? "ipv4" : "ipv6" } : undefined;
}

/** True for a list that allows at least one address. An empty one would close the key for good. */
export function isListOfAddresses(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((text) => typeof text === "string" && readRange(text) !== undefined);
}

/** The list in a form that answers quickly. */
export function toAddressList(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const range = readRange(text);
    if (range !== undefined) list.addSubnet(range.address, range.bits, range.family);
  }
  return list;
}

/** Whether the client's address is on the list. One that is unknown or no IP address is not. IPv4 mapped into IPv6 is IPv4. */
export function allowsAddress(list: BlockList, address: string | undefined): boolean {
  if (address === undefined || isIP(address) === 0) return false;
  return list.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}
