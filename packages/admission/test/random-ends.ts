import type { IncomingMessage, ServerResponse } from "node:http";

import { getPendingUpgrade, type Handler, HttpProblem } from "@aivillage/middleware";
import { eventually } from "@aivillage/testing";

import { Random } from "../bench/simulation/random.ts";
import { admissionRefused, requestAdmitted, slotsReleased, waitingClientLeft } from "../src/index.ts";
import { ReplacedServer } from "./replaced-server.ts";
import { visit } from "./restless-client.ts";

const lasting = ["finish", "stream", "error", "throw", "status-503", "upgrade", "late"] as const;
const breaking = ["destroy", "hang", "reset"] as const;
/** Ends that leave the connection open come up more often, since opening one costs more than all else. */
const ends = [...lasting, ...lasting, ...breaking];
/** Connections between two drains, and two reloads, of the server. */
const drainEvery = 400;
const reloadEvery = 150;

export interface Tally {
  admitted: number;
  released: number;
  refused: number;
  left: number;
  /** How many requests each handler has seen, by the end that was chosen for it. */
  readonly byEnd: Record<string, number>;
  readonly drains: number;
  readonly reloads: number;
  /** What was in progress and waited in the end, and the most that ever was in progress. */
  inFlight: number;
  waiting: number;
  most: number;
}

interface RandomEnds {
  /** Requests that must have ended: in a slot, by a refusal, or while they waited. */
  readonly requests: number;
  readonly slots: number;
  readonly seed: number;
  readonly clients: number;
  /** Is told how many requests have ended, each time that a drain begins. */
  readonly onProgress?: (ended: number) => void;
}

/**
 * Sends requests over real connections, many at once and pipelined, with ends at random on both sides, while the server is drained and
 * reloaded again and again, and counts what `admission()` says.
 */
export async function randomEnds({ requests, slots, seed, clients, onProgress }: RandomEnds): Promise<Tally> {
  const random = new Random(seed);
  const tally = { admitted: 0, released: 0, refused: 0, left: 0, byEnd: {} as Record<string, number>, most: 0 };
  const stops = count(tally);
  const respond: Handler = (req, res, next) => {
    const end = ends[Math.floor(random.next() * ends.length)] ?? "finish";
    tally.byEnd[end] = (tally.byEnd[end] ?? 0) + 1;
    endSomehow(end, req, res, next);
  };
  const server = new ReplacedServer({ limits: [{ name: "all", max: slots }], queue: { max: 2 * slots, maxWaitMs: 5 } }, respond);
  await server.open();

  const ended = (): number => tally.released + tally.refused + tally.left;
  let visits = 0;
  async function client(): Promise<void> {
    while (ended() < requests) {
      visits += 1;
      if (visits % reloadEvery === 0) server.reload();
      if (visits % drainEvery === 0) {
        onProgress?.(ended());
        await server.drain();
      }
      await visit(server.port, random);
    }
  }
  await Promise.all(Array.from({ length: clients }, client));
  await server.close();
  await eventually(() => tally.admitted === tally.released && server.state().waiting === 0, "all slots are free", { state: () => tally });
  for (const stop of stops) stop();
  const { inFlight, waiting } = server.state();
  return { ...tally, drains: server.drains, reloads: server.reloads, inFlight, waiting };
}

function count(tally: Pick<Tally, "admitted" | "released" | "refused" | "left" | "most">): readonly (() => void)[] {
  const counter = (member: "released" | "refused" | "left") => (): void => void (tally[member] += 1);
  return [
    requestAdmitted.subscribe(() => {
      tally.admitted += 1;
      tally.most = Math.max(tally.most, tally.admitted - tally.released);
    }),
    slotsReleased.subscribe(counter("released")),
    admissionRefused.subscribe(counter("refused")),
    waitingClientLeft.subscribe(counter("left")),
  ];
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
