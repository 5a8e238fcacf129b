import type { IncomingMessage } from "node:http";

import { getPrincipal } from "@aivillage/api-key-auth";
import { getClientIp } from "@aivillage/client-ip";
import { ipKey } from "@aivillage/rate-limit";

/**
 * Who is counted, limited and penalised: an anonymous client by its address, a verified one by principal and address. So clients of a
 * shared key do not spend each other's limit, and nothing that others do at an address costs the holder of a key there anything.
 *
 * The kind of principal is part of it, since the subject of a token may be spelt like the id of a key.
 */
export function clientKey(req: IncomingMessage): string {
  const principal = getPrincipal(req);
  const address = ipKey(getClientIp(req));
  return principal === undefined ? address : `${principal.kind}:${principal.id} ${address}`;
}
