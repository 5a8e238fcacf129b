import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below what systems give to clients and to servers that ask for any port: nobody gets such a port unasked. */
const lowest = 10_000;
const highest = 29_999;

/** A loopback port that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest + 1);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
