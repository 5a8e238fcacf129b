import { isIPv4 } from "node:net";

/** Clients without an address, such as those on a Unix socket, count as one. */
const unknown = "unknown";
const mappedPrefix = "::ffff:";

/**
 * Who counts as one client: an IPv4 address, or the /56 network of an IPv6 address, which is what a provider gives one customer.
 * IPv4 mapped into IPv6 counts as IPv4; a text that is no address stands for itself.
 */
export function clientNetwork(address: string | undefined): string {
  if (address === undefined) return unknown;
  if (!address.includes(":")) return address;
  const mapped = address.toLowerCase().startsWith(mappedPrefix) ? address.slice(mappedPrefix.length) : "";
  return isIPv4(mapped) ? mapped : firstBits(address);
}

/** The first 56 bits, from the first four of the eight groups of hex digits. */
function firstBits(address: string): string {
  const [left = "", right] = address.split("::");
  const head = left === "" ? [] : left.split(":");
  // After `::` only the last groups are written; an IPv4 address at the end stands for two.
  const tail = right === undefined || right === "" ? [] : right.replace(/[^:]*\./, "0:$&").split(":");
  const zeros = right === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  const groups = [...head, ...Array<string>(zeros).fill("0"), ...tail].slice(0, 4).map((group) => Number.parseInt(group, 16));
  const last = groups[3] ?? 0;
  return `${[...groups.slice(0, 3), last - (last % 256)].map((group) => group.toString(16)).join(":")}::/56`;
}
