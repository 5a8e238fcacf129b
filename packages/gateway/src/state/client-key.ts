import type { IncomingMessage } from "node:http";

import { getPrincipal, type Principal } from "@aivillage/api-key-auth";
import { getClientIp } from "@aivillage/client-ip";
import { requestValue } from "@aivillage/middleware";
import { ipKey } from "@aivillage/rate-limit";

interface Names {
  readonly principal: Principal | undefined;
  readonly holder: string | undefined;
  readonly key: string;
}

const names = requestValue<Names>("@aivillage/gateway.client-names");

/**
 * Who is counted, limited and penalised: an anonymous client by its address, a verified one by principal and address. So clients of a
 * shared key do not spend each other's limit, and nothing that others do at an address costs the holder of a key there anything.
 */
export function clientKey(req: IncomingMessage): string {
  return namesOf(req).key;
}

/** The verified principal of a request. Its kind is part of the name, since the subject of a token may be spelt like the id of a key. */
export function principalName(req: IncomingMessage): string | undefined {
  return namesOf(req).holder;
}

/** Made once per request, and again when a principal has been verified since: limits, penalties and proxy ask one after the other. */
function namesOf(req: IncomingMessage): Names {
  const principal = getPrincipal(req);
  const known = names.get(req);
  if (known !== undefined && known.principal === principal) return known;
  const address = ipKey(getClientIp(req));
  const holder = principal === undefined ? undefined : `${principal.kind}:${principal.id}`;
  const made = { principal, holder, key: holder === undefined ? address : `${holder} ${address}` };
  names.set(req, made);
  return made;
}

/** Who a `clientKey()` names. An address has no spaces, the subject of a token may have some; that of IPv6 is its network. */
export function readClientKey(key: string): { readonly address: string; readonly principal: string | undefined } {
  const space = key.lastIndexOf(" ");
  return { address: key.slice(space + 1), principal: space === -1 ? undefined : key.slice(0, space) };
}
