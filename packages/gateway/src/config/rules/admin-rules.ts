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

/** A listener has one address. */
export function adminFaults({ admin }: GatewayConfig): string[] {
  return admin.port !== 0 && admin.socket !== "" ? ["ADMIN_PORT and ADMIN_SOCKET are both set: unset one of them"] : [];
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
