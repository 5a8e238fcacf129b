import { addressGroups, canonicalAddress, readRange } from "@aivillage/middleware";

interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

const ipv4Size = 1n << 32n;
/** IPv4 addresses as a dual-stack socket shows them (RFC 4291, 2.5.5.2). */
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
  const range = readRange(entry);
  if (range === undefined) return undefined;
  const free = BigInt((range.family === "ipv4" ? 32 : 128) - range.bits);
  const groups = addressGroups(canonicalAddress(range.address) ?? range.address);
  const address = groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
  return rangeOf((address >> free) << free, free);
}

function rangeOf(first: bigint, free: bigint): Range {
  return { first, last: first + (1n << free) - 1n };
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
