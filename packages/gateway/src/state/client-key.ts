import type { IncomingMessage } from "node:http";

import { getPrincipal, type Principal } from "@aivillage/api-key-auth";
import { getClientIp } from "@aivillage/client-ip";
import { requestValue } from "@aivillage/middleware";
import { ipKey } from "@aivillage/rate-limit";

interface Names {
  readonly principal: Principal | undefined;
  readonly holder: string | undefined;
  readonly address: string;
  readonly key: string;
}

const names = requestValue<Names>("@aivillage/gateway.client-names");

/**
 * Who is penalised: an anonymous client by its address, a verified one by principal and address. So nothing that others do at an address
 * costs the holder of a key there anything, nor what is done elsewhere with a key that leaked.
 */
export function clientKey(req: IncomingMessage): string {
  return namesOf(req).key;
}

/** The verified principal of a request. Its kind is part of the name, since the subject of a token may be spelt like the id of a key. */
export function principalName(req: IncomingMessage): string | undefined {
  return namesOf(req).holder;
}

/** What a limit counts by: a verified principal wherever it is, the same at each address, or the address alone. */
export const limitKeys = {
  principal: (req: IncomingMessage) => namesOf(req).holder ?? namesOf(req).address,
  "principal+address": clientKey,
  address: (req: IncomingMessage) => namesOf(req).address,
} as const;

/** Made once per request, and again when a principal has been verified since: limits, penalties and proxy ask one after the other. */
function namesOf(req: IncomingMessage): Names {
  const principal = getPrincipal(req);
  const known = names.get(req);
  if (known !== undefined && known.principal === principal) return known;
  const address = ipKey(getClientIp(req));
  const holder = principal === undefined ? undefined : `${principal.kind}:${principal.id}`;
  const made = { principal, holder, address, key: holder === undefined ? address : `${holder} ${address}` };
  names.set(req, made);
  return made;
}

/** The client that a `clientKey()` names. An address has no spaces, the subject of a token may have some; that of IPv6 is its network. */
export function readClientKey(key: string): { readonly address: string; readonly principal: string | undefined } {
  const space = key.lastIndexOf(" ");
  return { address: key.slice(space + 1), principal: space === -1 ? undefined : key.slice(0, space) };
}
