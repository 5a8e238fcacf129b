import { isIPv6 } from "node:net";

import type { GatewayConfig } from "../settings/gateway-config.ts";
import { validEntries } from "./file-rules.ts";
import { isLoopback } from "./upstream-hosts.ts";

/** What a key must be allowed by name to use the admin listener. */
export const adminScope = "admin";

/** Whether the configuration has an admin listener. */
export function hasAdmin({ admin }: GatewayConfig): boolean {
  return admin.port !== 0 || admin.socket !== "";
}

/** Whether only this machine, or only this user, reaches the admin listener. */
function isAdminLocal({ admin }: GatewayConfig): boolean {
  return admin.socket !== "" || isLoopback(admin.host);
}

/** A listener has one address, and no other listener has it. */
export function adminProblems({ admin, server }: GatewayConfig): string[] {
  if (admin.port === 0) return [];
  if (admin.socket !== "") return ["ADMIN_PORT and ADMIN_SOCKET are both set: unset one of them"];
  if (admin.port !== server.port || !shareAddress(admin.host, server.host)) return [];
  return [`ADMIN_PORT and GATEWAY_PORT are both ${admin.port}, on ${admin.host} and ${server.host}: set another ADMIN_PORT`];
}

/** Whether two listeners at these hosts would take the same port. A listener at `::` takes it for IPv4 too. */
function shareAddress(one: string, other: string): boolean {
  if (one.toLowerCase() === other.toLowerCase() || one === "::" || other === "::") return true;
  return (one === "0.0.0.0" && !isIPv6(other)) || (other === "0.0.0.0" && !isIPv6(one));
}

/** A key of the file that names the scope, or tokens of an issuer, which may. */
export function keylessAdmin(config: GatewayConfig): string[] {
  const { admin, auth } = config;
  if (!hasAdmin(config) || isAdminLocal(config) || auth.jwt.jwksUrl !== "" || auth.jwt.jwksFile !== "") return [];
  const named = validEntries(auth.apiKeysFile).some(({ scopes, revoked }) => revoked !== true && scopes?.includes(adminScope) === true);
  if (named) return [];
  return [
    `ADMIN_HOST ${admin.host} can be reached from other machines in production, and no key may use it: set it to 127.0.0.1, or run ` +
      "`keys create ops --scope admin`",
  ];
}
