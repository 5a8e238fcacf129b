import { isIP, isIPv6 } from "node:net";

import { ipKey } from "@aivillage/rate-limit";

import { CommandError } from "../cli-error.ts";

const network = "/56";

/** The key under which the gateway penalises the client of an address. @throws CommandError with exit code 2 that names what is no address */
export function penaltyKey(text: string): string {
  const [address, isNetwork] = text.endsWith(network) ? [text.slice(0, -network.length), true] : [text, false];
  if (isNetwork ? isIPv6(address) : isIP(address) !== 0) return ipKey(address);
  if (text === ipKey(undefined)) return text;
  const expected =
    "an IPv4 address such as 192.0.2.1, an IPv6 address such as 2001:db8::1, or its network as `list` shows it, 2001:db8::/56";
  throw new CommandError(`${JSON.stringify(text)} is no address: expected ${expected}; nothing was lifted`, 2);
}
