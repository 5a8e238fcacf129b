import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

import { compose, getPendingUpgrade, type Handler, HttpProblem, toListener, upgradeListener } from "@aivillage/middleware";
import { eventually } from "@aivillage/testing";

import { Random } from "../bench/simulation/random.ts";
import { admission, admissionRefused, requestAdmitted, slotsReleased, waitingClientLeft } from "../src/index.ts";

const ends = ["finish", "stream", "destroy", "error", "throw", "hang", "status-503", "reset", "upgrade", "late"] as const;

export interface Tally {
  admitted: number;
  released: number;
  refused: number;
  left: number;
  /** How many requests each handler has seen, by the end that was chosen for it. */
  readonly byEnd: Record<string, number>;
  /** What was in progress and waited in the end, and the most that ever was in progress. */
  inFlight: number;
  waiting: number;
  most: number;
}

/**
 * Sends requests over real connections, many at once and pipelined, with ends at random on both sides, and counts what `admission()` says.
 *
 * @param max slots
 */
export async function randomEnds(requests: number, max: number, seed: number, clients = 32): Promise<Tally> {
  const random = new Random(seed);
  const tally: Tally = { admitted: 0, released: 0, refused: 0, left: 0, byEnd: {}, inFlight: 0, waiting: 0, most: 0 };
  const made = admission({ limits: [{ name: "all", max }], queue: { max: 2, maxWaitMs: 5 } });
  const count = (member: "released" | "refused" | "left") => (): void => void (tally[member] += 1);
  const stops = [
    requestAdmitted.subscribe(() => {
      tally.admitted += 1;
      tally.most = Math.max(tally.most, tally.admitted - tally.released);
    }),
    slotsReleased.subscribe(count("released")),
    admissionRefused.subscribe(count("refused")),
    waitingClientLeft.subscribe(count("left")),
  ];
  const respond: Handler = (req, res, next) => {
    const end = ends[Math.floor(random.next() * ends.length)] ?? "finish";
    tally.byEnd[end] = (tally.byEnd[end] ?? 0) + 1;
    endSomehow(end, req, res, next);
  };
  const listener = toListener(compose(made, respond));
  const server = createServer({ requestTimeout: 0 }, listener).on("upgrade", upgradeListener(listener));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  let sent = 0;
  async function client(): Promise<void> {
    while (sent < requests) {
      const size = 1 + Math.floor(random.next() * 3);
      sent += size;
      await visit(port, size, random);
    }
  }
  await Promise.all(Array.from({ length: clients }, client));
  // What still hangs ends with its connection, as when a server drains and its time is over.
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await eventually(() => tally.admitted === tally.released && made.state()[0]?.waiting === 0, "all slots are free", { state: () => tally });
  for (const stop of stops) stop();
  const { inFlight = Number.NaN, waiting = Number.NaN } = made.state()[0] ?? {};
  return { ...tally, inFlight, waiting };
}

function endSomehow(end: (typeof ends)[number], req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): void {
  const upgrade = getPendingUpgrade(req);
  if (end === "upgrade" && upgrade !== undefined) {
    upgrade.socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    upgrade.socket.on("data", () => upgrade.socket.end()).on("end", () => upgrade.socket.end());
    return;
  }
  if (end === "stream") {
    res.write("first");
    return void setImmediate(() => res.end("last"));
  }
  if (end === "destroy") return void res.destroy();
  if (end === "reset") {
    res.write("first");
    return void req.socket.resetAndDestroy();
  }
  if (end === "error") return next(new HttpProblem({ status: 502 }));
  if (end === "throw") throw new Error("broken");
  if (end === "status-503") return void res.writeHead(503).end("busy");
  if (end === "late") return void setTimeout(() => res.end("late"), 3);
  // Nobody reads a connection that waits for its upgrade, so a handler that forgets it would keep it for ever.
  if (end !== "hang" || upgrade !== undefined) res.end("done");
}

const plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/** One connection with some requests, that ends when the server ends it, or when the client has had enough. */
function visit(port: number, size: number, random: Random): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    socket.once("close", () => resolve());
    const isUpgrade = random.next() < 0.15;
    socket.write(isUpgrade ? upgrade : plain.repeat(size));
    leaveAfter(socket, Math.floor(random.next() * 12), random.next() < 0.5, isUpgrade);
  });
}

function leaveAfter(socket: Socket, ms: number, resets: boolean, isUpgrade: boolean): void {
  socket.on("data", () => isUpgrade && socket.write("frame"));
  const timer = setTimeout(() => (resets ? socket.resetAndDestroy() : socket.destroy()), ms);
  socket.once("close", () => clearTimeout(timer));
}
