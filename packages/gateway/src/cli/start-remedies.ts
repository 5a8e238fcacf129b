import { OptionError } from "@aivillage/middleware";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { CommandError } from "./cli-error.ts";

/** The setting that says where to listen, and what stands in the error when nobody can. */
interface Listener {
  readonly host: string;
  readonly port: string;
}

type ListenError = NodeJS.ErrnoException & { readonly address?: string; readonly port?: number };

/** Why the gateway did not start, with the setting to change. The command line is right, so the exit code is 1. */
export function withRemedy(error: ListenError, { admin }: GatewayConfig): Error {
  if (error instanceof OptionError) return new CommandError(error.reason);
  if (error.syscall === undefined) return error;
  const isSocket = admin.socket !== "" && error.address === admin.socket;
  const isAdmin = error.port !== undefined && error.port === admin.port;
  const listener = isAdmin ? { host: "ADMIN_HOST", port: "ADMIN_PORT" } : { host: "GATEWAY_HOST", port: "GATEWAY_PORT" };
  const remedy = isSocket ? socketRemedies[error.code ?? ""] : portRemedy(error.code, listener);
  return remedy === undefined ? error : new CommandError(`${error.message}: ${remedy}`);
}

const socketRemedies: Readonly<Record<string, string>> = {
  EADDRINUSE: "another gateway listens there, or it is no socket: stop that gateway, or set ADMIN_SOCKET",
  // The system's ENOENT too, which Node reports like this.
  EACCES: "set ADMIN_SOCKET to a path in a folder that exists and that this user may write",
};

function portRemedy(code: string | undefined, { host, port }: Listener): string | undefined {
  if (code === "EADDRINUSE") return `another process listens there: stop it, or set ${port}`;
  if (code === "EACCES") return `this user may not listen there: set ${port} to 1024 or more`;
  const isUnknown = code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT" || code === "ENOTFOUND" || code === "EAI_AGAIN";
  return isUnknown ? `set ${host} to an address of this machine, such as 0.0.0.0` : undefined;
}
