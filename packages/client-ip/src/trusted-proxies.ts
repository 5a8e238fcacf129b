import { addressList, coveredShare, memoize, optionError, readRange } from "@aivillage/middleware";

import { listRemedy } from "./options.ts";

const packageName = "@aivillage/client-ip";
const optionName = "trustedProxies";
const expectedNarrower = "narrower than every address, or anybody could choose its own; list the ranges of your proxies";

/**
 * Makes the check whether an address is one of the trusted proxies.
 *
 * @throws OptionError that names `trustedProxies[i]`
 */
export function makeTrust(entries: readonly unknown[]): (address: string) => boolean {
  const isListed = addressList(packageName, optionName, entries);
  const everybody = entries.findIndex((entry) => readRange(String(entry))?.bits === 0);
  if (everybody !== -1) throw optionError(packageName, `${optionName}[${everybody}]`, expectedNarrower, entries[everybody]);
  // Two halves are everybody too.
  if (coveredShare(entries) === 1) throw optionError(packageName, optionName, expectedNarrower, entries);
  return entries.length === 0 ? () => false : memoize(1_000, isListed);
}

/**
 * Makes the test whether the peer of a connection is one of the trusted proxies, for code that sees connections and not requests.
 *
 * @param entries as in the option `trustedProxies` of `clientIp()`
 * @throws OptionError that names `trustedProxies[i]`
 */
export function trustedPeers(entries: readonly string[]): (peer: string | undefined) => boolean {
  if (!Array.isArray(entries)) throw optionError(packageName, optionName, listRemedy, entries);
  const isTrusted = makeTrust(entries);
  return (peer = "") => isTrusted(peer);
}
