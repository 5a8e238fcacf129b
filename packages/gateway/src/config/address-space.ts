import { isIP, SocketAddress } from "node:net";

interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

const ipv4Size = 1n << 32n;
/** IPv4 addresses as a dual-stack socket shows them, `::ffff:0:0/96`. */
const mapped: Range = rangeOf(0xffffn << 32n, 32n);
/** The only part of IPv6 that the Internet uses, `2000::/3`. */
const globalUnicast: Range = rangeOf(1n << 125n, 125n);

/**
 * Whether the addresses and CIDR ranges together hold half of all IPv4 addresses, of all IPv6 addresses, or of the IPv6 Internet. Names are skipped, and
 * so is what is no range: another check reports it.
 */
export function coversHalfTheInternet(entries: readonly string[]): boolean {
  const ipv6 = entries.flatMap((entry) => toRange(entry) ?? []);
  return (
    total(ipv6.map((range) => within(range, mapped))) >= ipv4Size / 2n ||
    total(ipv6) >= 1n << 127n ||
    total(ipv6.map((range) => within(range, globalUnicast))) >= 1n << 124n
  );
}

/** An entry as a range of IPv6 addresses, IPv4 as mapped ones. */
function toRange(entry: string): Range | undefined {
  const [address = "", length, ...more] = entry.split("/");
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : Infinity;
  if (version === 0 || bits > most || more.length > 0) return undefined;
  const free = BigInt(most - bits);
  const base = (toNumber(version === 4 ? `::ffff:${address}` : address) >> free) << free;
  return rangeOf(base, free);
}

function rangeOf(first: bigint, free: bigint): Range {
  return { first, last: first + (1n << free) - 1n };
}

/** An IPv6 address as a number; `::ffff:1.2.3.4` too. */
function toNumber(address: string): bigint {
  const text = new SocketAddress({ address: address.split("%", 1)[0] ?? "", family: "ipv6" }).address;
  const hex = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, a: string, b: string, c: string, d: string) =>
    [
      [a, b],
      [c, d],
    ]
      .map(([high, low]) => ((Number(high) << 8) | Number(low)).toString(16))
      .join(":"),
  );
  const [left = "", right] = hex.split("::");
  const [before, after] = [left, right ?? ""].map((half) => half.split(":").filter((group) => group !== ""));
  const missing = right === undefined ? 0 : 8 - (before?.length ?? 0) - (after?.length ?? 0);
  const groups = [...(before ?? []), ...Array.from({ length: missing }, () => "0"), ...(after ?? [])];
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function within(range: Range, bounds: Range): Range {
  return {
    first: range.first > bounds.first ? range.first : bounds.first,
    last: range.last < bounds.last ? range.last : bounds.last,
  };
}

/** How many addresses the ranges hold, those in several of them once. */
function total(ranges: readonly Range[]): bigint {
  let [sum, next] = [0n, 0n];
  for (const { first, last } of ranges.toSorted((a, b) => (a.first < b.first ? -1 : 1))) {
    if (last < first || last < next) continue;
    sum += last - (first > next ? first : next) + 1n;
    next = last + 1n;
  }
  return sum;
}
