import { option, readOptions } from "@aivillage/middleware";

/** Options of `clientIp()`. */
export interface ClientIpOptions {
  /**
   * The proxies whose word about the client is believed: IP addresses, CIDR ranges, and the names `loopback`, `linklocal`,
   * `uniquelocal` and `private` (the same as `uniquelocal`). Default `[]`: nobody, so the client is the connected peer.
   */
  trustedProxies?: readonly string[];
  /** The header in which those proxies report the client; the other one is not looked at. Default `X-Forwarded-For`. */
  header?: "X-Forwarded-For" | "Forwarded";
}

/** What to write where something else came than a list. */
export const listRemedy =
  "a list of IP addresses, CIDR ranges and names; " +
  'neither `true` nor a number of hops says who may be believed, so list your proxies, such as ["loopback", "10.0.0.0/8"]';

export function readClientIpOptions(given: ClientIpOptions | undefined) {
  return readOptions("@aivillage/client-ip", given, {
    trustedProxies: option.custom<readonly string[]>(listRemedy, [], (value) => Array.isArray(value)),
    header: option.oneOf(["X-Forwarded-For", "Forwarded"], "X-Forwarded-For"),
  });
}
