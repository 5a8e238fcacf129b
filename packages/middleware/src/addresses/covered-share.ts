import { addressGroups } from "./address-groups.ts";
import { canonicalAddress } from "./canonical-address.ts";
import { readRange } from "./read-range.ts";

interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

/** IPv4 addresses as a dual-stack socket shows them (RFC 4291, 2.5.5.2). */
const mapped: Range = rangeOf(0xffffn << 32n, 32n);
/** The only part of IPv6 that the Internet uses, `2000::/3` (RFC 4291, 2.4). */
const globalUnicast: Range = rangeOf(1n << 125n, 125n);
const everything: Range = rangeOf(0n, 128n);

/**
 * How much the addresses and CIDR ranges of a list hold together, from 0 to 1: of all IPv4 addresses, of all IPv6 addresses, or of those of the IPv6
 * Internet, whichever is most. Names such as `private` count nothing, nor does what is no range.
 */
export function coveredShare(entries: readonly unknown[]): number {
  const ranges = entries.flatMap((entry) => toRange(String(entry)) ?? []);
  const shareOf = (space: Range): number => Number(total(ranges.map((range) => within(range, space)))) / Number(sizeOf(space));
  return Math.max(...[mapped, globalUnicast, everything].map(shareOf));
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

function sizeOf({ first, last }: Range): bigint {
  return last - first + 1n;
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
