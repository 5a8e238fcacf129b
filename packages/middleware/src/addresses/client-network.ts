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
 * IPv6 counts as IPv4, and so does IPv4 that a translator has put into `64:ff9b::/96` (RFC 6052, 2.1): else all of IPv4 would be one client. A port is cut off, and a text that is not an address stands for itself. No address gives `unknown`.
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
    const groups = addressGroups(address);
    return isTranslated(groups) ? embeddedAddress(groups) : write(firstOfNetwork(groups));
  });
  return (address) => {
    if (address === undefined) return unknown;
    return address.includes(":") ? network(address) : address;
  };
}

/** Whether a translator of IPv4 has made the address with the well-known prefix, `64:ff9b::/96`. */
function isTranslated([a, b, ...rest]: readonly number[]): boolean {
  return a === 0x64 && b === 0xff9b && rest.slice(0, 4).every((group) => group === 0);
}

/** The IPv4 address in the last 32 bits. */
function embeddedAddress(groups: readonly number[]): string {
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join(".");
}

/** The first address of the /56 around an IPv6 address. */
function firstOfNetwork([a = 0, b = 0, c = 0, d = 0]: readonly number[]): string {
  const first = `${[a, b, c, d & 0xff00].map((group) => group.toString(16)).join(":")}::`;
  return canonicalAddress(first) ?? first;
}
