import { BlockList, isIP } from "node:net";

/**
 * Makes the test whether an address is in a list of addresses and CIDR ranges.
 *
 * @throws TypeError for an entry that is neither
 */
export function addressList(entries: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", prefix] = entry.split("/");
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    const bits = Number(prefix ?? most);
    if (version === 0 || prefix === "" || !Number.isInteger(bits) || bits < 0 || bits > most) {
      throw new TypeError(`an IP address or CIDR range such as 10.0.0.0/8 is expected, got ${JSON.stringify(entry)}`);
    }
    list.addSubnet(address, bits, version === 4 ? "ipv4" : "ipv6");
  }
  return (address = "") => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 4 ? "ipv4" : "ipv6");
  };
}
