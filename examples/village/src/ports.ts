import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";

import type { Member } from "./members.ts";
import { readPort } from "./run.ts";

type Listening = Pick<Member, "name" | "host" | "portVariable" | "defaultPort">;

/**
 * The ports on which the members will listen; where 0 was asked for, a free one. All are held until all are found, so that no
 * two members get the same.
 *
 * @throws Error that names every port that cannot be had, and the variable that moves it
 */
export async function findPorts<M extends Listening>(members: readonly M[]): Promise<Map<M, number>> {
  const held: Server[] = [];
  const ports = new Map<M, number>();
  const faults: string[] = [];
  for (const member of members) {
    const port = readPort(member.portVariable, member.defaultPort);
    try {
      const server = await hold(member.host, port);
      held.push(server);
      ports.set(member, (server.address() as AddressInfo).port);
    } catch (error) {
      faults.push(describe(member, port, error as NodeJS.ErrnoException));
    }
  }
  await Promise.all(held.map(release));
  if (faults.length > 0) throw new Error(faults.join("\n"));
  return ports;
}

async function hold(host: string, port: number): Promise<Server> {
  const server = createServer().listen(port, host);
  await once(server, "listening");
  return server;
}

async function release(server: Server): Promise<void> {
  server.close();
  await once(server, "close");
}

function describe({ name, host, portVariable }: Listening, port: number, { code }: NodeJS.ErrnoException): string {
  const reason = code === "EADDRINUSE" ? "is taken" : `cannot be had on ${host} (${code})`;
  return `Port ${port} for the ${name} ${reason}. Choose a free one with the variable ${portVariable}.`;
}
