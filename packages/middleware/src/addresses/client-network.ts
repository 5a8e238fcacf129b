import { memoize } from "../memoize.ts";
import { addressGroups } from "./address-groups.ts";
import { canonicalAddress } from "./canonical-address.ts";
import { withoutPort } from "./without-port.ts";

/** Clients without an address, such as those on a Unix socket, count as one. */
const unknown = "unknown";

/**
 * What counts as one client: an IPv4 address, or the /56 network of an IPv6 address, such as `2001:db8:1:2300::/56`.
 *
 * A /56 is what a provider gives one customer (RFC 6177, 2), who would otherwise have 2^72 addresses to be counted by. IPv4 mapped into
 * IPv6 counts as IPv4, a port is cut off, and a text that is not an address stands for itself. No address gives `unknown`.
 */
export const clientNetwork: (address: string | undefined) => string = clientNetworks((first) => `${first}/56`);

/**
 * Makes a function like `clientNetwork()` that writes a network in another way.
 *
 * @param write gets the first address of the network in canonical form (RFC 5952); called once for an address in use
 */
export function clientNetworks(write: (first: string) => string): (address: string | undefined) => string {
  const network = memoize(5_000, (text) => {
    const address = canonicalAddress(withoutPort(text));
    if (address?.includes(":") !== true) return address ?? text;
    return write(firstOfNetwork(address));
  });
  return (address) => {
    if (address === undefined) return unknown;
    return address.includes(":") ? network(address) : address;
  };
}

/** The first address of the /56 around a canonical IPv6 address. */
function firstOfNetwork(address: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = addressGroups(address);
  const first = `${[a, b, c, d & 0xff00].map((group) => group.toString(16)).join(":")}::`;
  return canonicalAddress(first) ?? first;
}
