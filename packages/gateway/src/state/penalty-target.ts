import { isIP, isIPv6 } from "node:net";

import { ipKey } from "@aivillage/rate-limit";

import { readClientKey } from "./client-key.ts";

const network = "/56";

/** Completes "expected". */
export const penaltyTargetExpected =
  "an IPv4 address such as 192.0.2.1, an IPv6 address such as 2001:db8::1, its network as the list shows it, 2001:db8::/56, " +
  "or a principal such as key:ada";

/** Whose penalties a command is about. */
export interface PenaltyTarget {
  /** As it was written. */
  readonly text: string;
  /** The key of the one client that is meant, or of the anonymous clients of an address; none for a principal at any address. */
  readonly key: string | undefined;
  readonly includes: (key: string) => boolean;
  /** One client and no others, so that no list has to be searched for it. */
  readonly isOne: boolean;
}

/**
 * Reads an address, which stands for everyone there; a principal such as `key:ada`, at any address; or both.
 *
 * @returns `undefined` for what is neither
 */
export function penaltyTarget(text: string): PenaltyTarget | undefined {
  const at = addressKey(text);
  if (at !== undefined) return { text, key: at, includes: (key) => readClientKey(key).address === at, isOne: false };
  if (!/^(?:key|jwt):./.test(text)) return undefined;
  const space = text.lastIndexOf(" ");
  const address = space === -1 ? undefined : addressKey(text.slice(space + 1));
  if (address === undefined) return { text, key: undefined, includes: (key) => readClientKey(key).principal === text, isOne: false };
  const whole = `${text.slice(0, space)} ${address}`;
  return { text, key: whole, includes: (key) => key === whole, isOne: true };
}

/** The key of the anonymous clients of an address; `undefined` for what is no address. */
function addressKey(text: string): string | undefined {
  const [address, isNetwork] = text.endsWith(network) ? [text.slice(0, -network.length), true] : [text, false];
  if (isNetwork ? isIPv6(address) : isIP(address) !== 0) return ipKey(address);
  return text === ipKey(undefined) ? text : undefined;
}
