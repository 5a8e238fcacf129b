import { createServer } from "node:http";

import type { Express } from "express";

const graceMs = 1_500;

/** Where a service listens when it runs as its own process. */
export interface RunOptions {
  name: string;
  /** The environment variable that moves the port. */
  portVariable: string;
  defaultPort: number;
}

/**
 * Runs one service until SIGTERM or SIGINT; requests in progress may finish within 1.5 s. Only this machine reaches it,
 * unless `VILLAGE_HOST` names another address to listen on.
 */
export function run(app: Express, { name, portVariable, defaultPort }: RunOptions): void {
  const port = readPort(portVariable, defaultPort);
  const host = process.env["VILLAGE_HOST"] ?? "127.0.0.1";
  const server = createServer(app);
  server.on("error", (error) => fail(`${name} cannot listen on port ${port} (${error.message}). Set ${portVariable} to a free port.`));
  server.listen(port, host, () => console.log(`${name} listens on http://${host}:${port} (pid ${process.pid})`));

  const stop = (): void => {
    setTimeout(() => server.closeAllConnections(), graceMs).unref();
    server.close();
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
}

/** A port from the environment; 0 is any free one. */
function readPort(variable: string, fallback: number): number {
  const text = process.env[variable] ?? String(fallback);
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  return fail(`${variable} must be a port from 0 to 65535, got "${text}".`);
}

/** Reports what is wrong and ends the process. */
export function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
