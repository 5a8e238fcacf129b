import { addressGroups, canonicalAddress } from "@aivillage/middleware";

/** The network of each address in a text: /24 of IPv4 and /48 of IPv6. The key of a penalty may hold a principal before the address. */
export function shortenAddress(text: string): string {
  return text.split(" ").map(shorten).join(" ");
}

function shorten(text: string): string {
  // A client of IPv6 may be named by its network.
  const address = canonicalAddress(text.split("/")[0] ?? "");
  if (address === undefined) return text;
  if (!address.includes(":")) return `${address.slice(0, address.lastIndexOf("."))}.0/24`;
  const [a = 0, b = 0, c = 0] = addressGroups(address);
  return `${canonicalAddress(`${[a, b, c].map((group) => group.toString(16)).join(":")}::`) ?? "::"}/48`;
}
