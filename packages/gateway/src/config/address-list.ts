import { BlockList, isIP } from "node:net";

/**
 * Makes the test whether an address is in a list of addresses and CIDR ranges.
 *
 * @throws TypeError for an entry that is neither
 */
export function addressList(entries: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", prefix, ...rest] = entry.split("/");
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    const bits = prefix === undefined ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity;
    if (version === 0 || bits > most || rest.length > 0) {
      throw new TypeError(`an IP address or CIDR range such as 10.0.0.0/8 is expected, got ${JSON.stringify(entry)}`);
    }
    list.addSubnet(address, bits, version === 4 ? "ipv4" : "ipv6");
  }
  return (address = "") => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 4 ? "ipv4" : "ipv6");
  };
}
