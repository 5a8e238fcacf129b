import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

import { hasAdmin } from "../config/rules/admin-rules.ts";
import { settingsOfRunning } from "../config/settings-of-running.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { CommandError } from "./cli-error.ts";
import type { CliIo, ConfigFlags } from "./cli-io.ts";
import { printRefused, sourcesOf } from "./sources.ts";

/** The flags of every command that asks the admin listener. */
export interface AdminFlags extends ConfigFlags {
  readonly json?: boolean;
  readonly keyFile?: string;
}

/** What is asked. Without a body it is read. */
interface Question {
  readonly path: string;
  /** Sent as JSON by POST. */
  readonly body?: object;
}

const patienceMs = 10_000;

/**
 * Asks the admin listener of the gateway that runs by this configuration.
 *
 * @throws ConfigError for settings that do not say where it is, and CommandError when there is no admin listener, nobody listens there, or it refuses
 */
export async function askAdmin({ keyFile, ...flags }: AdminFlags, io: CliIo, { path, body }: Question): Promise<string> {
  const config = settingsOfRunning(sourcesOf(flags, io), "admin", () => printRefused(io));
  if (!hasAdmin(config)) throw new CommandError("there is no admin listener: set ADMIN_PORT or ADMIN_SOCKET, and start the gateway again");
  const { address, name } = addressOf(config.admin);
  const headers = {
    ...(keyFile !== undefined && { authorization: `Bearer ${readFileSync(keyFile, "utf8").trim()}` }),
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  const method = body === undefined ? "GET" : "POST";
  const req = request({ ...address, path, method, headers, signal: AbortSignal.timeout(patienceMs) });
  req.end(body === undefined ? undefined : JSON.stringify(body));
  try {
    const [res] = (await once(req, "response")) as [IncomingMessage];
    const content = await text(res);
    if (res.statusCode === 200) return content;
    throw new CommandError(refusal(name, res.statusCode, content));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(noResponse(name, error as NodeJS.ErrnoException));
  }
}

/** A socket is for the user of the gateway alone. */
function noResponse(name: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === "EACCES" || code === "EPERM") {
    return `this user may not open the admin listener at ${name}: run the command as the user of the gateway, or as root`;
  }
  return `the admin listener at ${name} does not respond (${code ?? message}): check that the gateway runs`;
}

/** A gateway that listens on all addresses is asked on loopback. */
function addressOf({ host, port, socket }: GatewayConfig["admin"]) {
  if (socket !== "") return { address: { socketPath: socket }, name: socket };
  const reached = { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host;
  return { address: { host: reached, port }, name: `${reached}:${port}` };
}

function refusal(name: string, status: number | undefined, content: string): string {
  const isRefused = status === 401 || status === 403;
  if (isRefused) {
    const remedy = "give --key-file FILE, with a key that `keys create ID --scope admin` has made";
    return `the admin listener at ${name} responded with ${status}: ${remedy}`;
  }
  const detail = detailOf(content);
  return `the admin listener at ${name} responded with ${status}${detail === undefined ? "" : `: ${detail}`}`;
}

/** Its errors are problem documents. */
function detailOf(content: string): string | undefined {
  try {
    const { detail } = JSON.parse(content) as { detail?: unknown };
    return typeof detail === "string" ? detail : undefined;
  } catch {
    return undefined;
  }
}
