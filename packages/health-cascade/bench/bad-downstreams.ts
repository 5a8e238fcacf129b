import { deadUrl, type Script, startDownstream } from "@aivillage/testing";

import type { ServiceReport } from "../src/index.ts";
import { listenTcp } from "../test/bad-services.ts";

/** One way to be a bad service, and what may be said of it. */
export interface BadDownstream extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  /** Probes so far, and how many of them were open at the same time; a port on which nothing listens counts none. */
  readonly counts: { probes: number; open: number; mostOpen: number };
  isTrue(report: ServiceReport): boolean;
}

const late = "no response within 80 ms";

/** A busy machine may make anybody late, and a late one is reported so. */
const says =
  (...errors: string[]) =>
  ({ status, error = "" }: ServiceReport): boolean =>
    status === "unhealthy" && [late, ...errors].includes(error);

const isGood = ({ status, status_code: code, response_time_ms: ms, error }: ServiceReport): boolean =>
  status === "healthy" && code === 200 && Number(ms) <= 80 && error === undefined;

const mayBeGood =
  (...errors: string[]) =>
  (report: ServiceReport): boolean =>
    isGood(report) || says(...errors)(report);

let flaps = 0;
const http: Record<string, { script: Script | (() => Script); isTrue: BadDownstream["isTrue"] }> = {
  good: { script: {}, isTrue: mayBeGood() },
  hangs: { script: { hang: true }, isTrue: says("timed out") },
  in_79_ms: { script: { delayMs: 79 }, isTrue: mayBeGood() },
  in_5_s: { script: { delayMs: 5_000 }, isTrue: says("timed out") },
  resets: { script: { reset: "before-head" }, isTrue: says("connection reset") },
  flaps: {
    script: () => [{}, { status: 500 }, { reset: "mid-body" as const }][flaps++ % 3] ?? {},
    isTrue: mayBeGood("unexpected status", "connection reset"),
  },
};

/** `good` first, then the seven bad ones. */
export async function startBadDownstreams(): Promise<readonly BadDownstream[]> {
  const overHttp = Object.entries(http).map(async ([name, { script, isTrue }]) => {
    const downstream = await startDownstream(script);
    const counts = { probes: 0, open: 0, mostOpen: 0 };
    downstream.server.on("connection", (socket) => countIn(counts, socket));
    return Object.assign(downstream, { name, counts, isTrue });
  });
  const garbageCounts = { probes: 0, open: 0, mostOpen: 0 };
  const garbage = await listenTcp((socket) => {
    countIn(garbageCounts, socket);
    socket.end("SSH-2.0-OpenSSH_9.9\r\n");
  });
  const refuses: BadDownstream = {
    name: "refuses",
    url: await deadUrl(),
    counts: { probes: 0, open: 0, mostOpen: 0 },
    isTrue: says("connection refused"),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return [
    ...(await Promise.all(overHttp)),
    Object.assign(garbage, { name: "garbage", counts: garbageCounts, isTrue: says("not an HTTP response", "connection reset") }),
    refuses,
  ];
}

function countIn(counts: BadDownstream["counts"], socket: { once(name: "close", listener: () => void): unknown }): void {
  counts.probes += 1;
  counts.open += 1;
  counts.mostOpen = Math.max(counts.mostOpen, counts.open);
  socket.once("close", () => (counts.open -= 1));
}
