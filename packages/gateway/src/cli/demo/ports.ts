import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";

import type { Variables } from "../../config/loader/environment.ts";
import { CommandError } from "../cli-error.ts";
import type { Listening } from "./members.ts";

/** Where ports for 0 are. A system gives higher ones to programs that ask for any port, also before the member listens. */
const anyPort = { lowest: 10_000, count: 20_000 };

/**
 * The ports on which the members will listen; for port 0, a free one from 10000 to 29999. All ports are held until all are found, so that no
 * two members get the same.
 *
 * @throws CommandError that names every unavailable port, and the variable that moves it
 */
export async function findPorts(members: readonly Listening[], env: Variables): Promise<ReadonlyMap<Listening, number>> {
  const held: Server[] = [];
  const ports = new Map<Listening, number>();
  const problems: string[] = [];
  for (const member of members) {
    const port = readPort(env[member.portVariable] ?? String(member.defaultPort), member.portVariable);
    try {
      const server = await (port === 0 ? holdAny(member.host) : hold(member.host, port));
      held.push(server);
      ports.set(member, (server.address() as AddressInfo).port);
    } catch (error) {
      problems.push(describe(member, port, error as NodeJS.ErrnoException));
    }
  }
  await Promise.all(held.map(release));
  if (problems.length > 0) throw new CommandError(problems.join("\n"));
  return ports;
}

function readPort(text: string, variable: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new CommandError(`${variable} must be a port from 0 to 65535, got "${text}"`);
}

async function hold(host: string, port: number): Promise<Server> {
  const server = createServer().listen(port, host);
  await once(server, "listening");
  return server;
}

/** Demos that start at the same time begin at different places. */
async function holdAny(host: string): Promise<Server> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await hold(host, anyPort.lowest + ((process.pid * 16 + attempt) % anyPort.count));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || attempt === anyPort.count) throw error;
    }
  }
}

async function release(server: Server): Promise<void> {
  server.close();
  await once(server, "close");
}

function describe({ name, host, portVariable }: Listening, port: number, { code }: NodeJS.ErrnoException): string {
  const reason = code === "EADDRINUSE" ? "is taken" : `is not available on ${host} (${code})`;
  return `port ${port} for the ${name} ${reason}: set ${portVariable} to a free port`;
}
