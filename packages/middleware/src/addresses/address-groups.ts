/**
 * The eight groups of 16 bits of an IPv6 address (RFC 4291, 2.2); an IPv4 address as an IPv4-mapped one (2.5.5.2).
 *
 * @param address without a zone, as `canonicalAddress()` gives it
 */
export function addressGroups(address: string): readonly number[] {
  const [left = "", right] = (address.includes(":") ? address : `::ffff:${address}`).split("::");
  const [head, tail] = [groupsOf(left), groupsOf(right ?? "")];
  const zeros = Array<number>(right === undefined ? 0 : 8 - head.length - tail.length).fill(0);
  return [...head, ...zeros, ...tail];
}

/** An IPv4 address at the end stands for two groups. */
function groupsOf(half: string): number[] {
  if (half === "") return [];
  return half.split(":").flatMap((group) => {
    if (!group.includes(".")) return Number.parseInt(group, 16);
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
