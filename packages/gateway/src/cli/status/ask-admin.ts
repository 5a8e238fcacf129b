import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

import type { GatewayConfig } from "../../config/settings/gateway-config.ts";
import { CommandError } from "../cli-error.ts";

const patienceMs = 10_000;

/**
 * Reads a path of the admin listener.
 *
 * @param keyFile file with a key that names the scope `admin`. Default: no key is sent
 * @throws CommandError that says what to do when nobody listens there, or the response is no 200
 */
export async function askAdmin(admin: GatewayConfig["admin"], path: string, keyFile: string | undefined): Promise<string> {
  const { address, name } = addressOf(admin);
  const headers = keyFile === undefined ? {} : { authorization: `Bearer ${readFileSync(keyFile, "utf8").trim()}` };
  const req = request({ ...address, path, headers, signal: AbortSignal.timeout(patienceMs) });
  req.end();
  try {
    const [res] = (await once(req, "response")) as [IncomingMessage];
    const content = await text(res);
    if (res.statusCode === 200) return content;
    throw new CommandError(refusal(name, res.statusCode));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandError(`the admin listener at ${name} does not respond (${code ?? message}): check that the gateway runs`);
  }
}

/** A gateway that listens on all addresses is asked on loopback. */
function addressOf({ host, port, socket }: GatewayConfig["admin"]) {
  if (socket !== "") return { address: { socketPath: socket }, name: socket };
  const reached = { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host;
  return { address: { host: reached, port }, name: `${reached}:${port}` };
}

function refusal(name: string, status: number | undefined): string {
  const isRefused = status === 401 || status === 403;
  const remedy = isRefused ? ": give --key-file FILE, with a key that `keys create ID --scope admin` has made" : "";
  return `the admin listener at ${name} responded with ${status}${remedy}`;
}
