import { isIPv4, isIPv6 } from "node:net";

/**
 * The network of each address in a text: /24 of IPv4 and /48 of IPv6. The key of a penalty may hold a principal before the address.
 */
export function shortenAddress(text: string): string {
  return text.split(" ").map(shorten).join(" ");
}

function shorten(text: string): string {
  const [address = ""] = text.replace(/^::ffff:(?=\d+\.)/i, "").split("/");
  if (isIPv4(address)) return `${address.slice(0, address.lastIndexOf("."))}.0/24`;
  if (!isIPv6(address)) return text;
  const [head = ""] = address.split("::");
  const groups = [...head.split(":").filter((group) => group !== ""), "0", "0", "0"].slice(0, 3);
  return `${groups.join(":")}::/48`;
}
