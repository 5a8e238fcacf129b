import { createServer } from "node:net";

/** Below what Linux, macOS and Windows by default give to clients and to servers that ask for any port. */
const lowest = 10_000;
const count = 20_000;
/** Processes that run at the same time begin at different places. */
let next = process.pid * 16;

/** A port for a server that needs the same one more than once, or needs it in advance. The system gives it to nobody else. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < count; attempt += 1) {
    const port = lowest + (next % count);
    next += 1;
    if (await isFree(port)) return port;
  }
  throw new Error("no port is free");
}

/** On all addresses, since a server on any of them may be in the way. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
