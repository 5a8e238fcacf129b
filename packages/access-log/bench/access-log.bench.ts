/**
 * The cost of one line of the access log: ours against pino-http, both to a destination that throws the line away.
 * Run: `node --conditions=@aivillage/source bench/access-log.bench.ts`. Fails when ours is not
 * cheaper than pino-http with the same fields. Ours also cleans the line of secrets, which pino-http does not.
 */
import { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { Socket } from "node:net";
import { join } from "node:path";

import type { Handler } from "@aivillage/middleware";

import { accessLog, createLogger } from "../src/index.ts";

const requestsPerRound = 5_000;
const rounds = 21;

interface Line {
  count: number;
  bytes: number;
}
const nowhere = (seen: Line) => ({
  write: (line: string) => {
    seen.count += 1;
    seen.bytes += line.length;
  },
});

type PinoHttp = (options: object, destination: object) => Handler;

/** Where the peers of all benchmarks are installed; nothing else in the workspace sees them. */
function pinoHttp(): PinoHttp | undefined {
  try {
    return createRequire(join(import.meta.dirname, "../../benchmarks/peers/package.json"))("pino-http") as PinoHttp;
  } catch {
    console.log("pino-http is not installed: npm ci in packages/benchmarks/peers brings it");
    return undefined;
  }
}

const seen = {
  ours: { count: 0, bytes: 0 },
  sampled: { count: 0, bytes: 0 },
  theirs: { count: 0, bytes: 0 },
  theirsAlike: { count: 0, bytes: 0 },
};
const resolvers = { requestId: () => "0af76519-16cd-43dd-8448-eb211c80319c", route: () => "/v1/query", clientIp: () => "192.0.2.1" };
const contestants: Record<string, Handler> = {
  "no log": (_req, _res, next) => next(),
  "accessLog()": accessLog({ ...resolvers, logger: createLogger({ destination: nowhere(seen.ours) }) }),
  "accessLog({ sample }), a flood": accessLog({ ...resolvers, sample: {}, logger: createLogger({ destination: nowhere(seen.sampled) }) }),
};
const peer = pinoHttp();
if (peer !== undefined) {
  contestants["pino-http"] = peer({}, nowhere(seen.theirs));
  const customProps = () => ({ request_id: resolvers.requestId(), route: resolvers.route(), client_ip: resolvers.clientIp() });
  const timestamp = (): string => `,"time":"${new Date().toISOString()}"`;
  contestants["pino-http, the same fields"] = peer({ customProps, timestamp }, nowhere(seen.theirsAlike));
}

const next = (): void => undefined;
const rawHeaders = ["Host", "a.example", "User-Agent", "bench/1.0", "Accept", "*/*", "Content-Type", "application/json"];

function makeRequest(socket: Socket): IncomingMessage {
  const req = new IncomingMessage(socket);
  Object.assign(req, { method: "POST", url: "/v1/query?a=b", rawHeaders, httpVersion: "1.1" });
  for (let place = 0; place < rawHeaders.length; place += 2) req.headers[String(rawHeaders[place]).toLowerCase()] = rawHeaders[place + 1];
  return req;
}

/** Microseconds of CPU per request, of which the events that a real answer gives are part; the requests are made before. */
function run(handler: Handler): number {
  const socket = new Socket();
  const requests = Array.from({ length: requestsPerRound }, () => makeRequest(socket));
  const before = process.cpuUsage();
  for (const req of requests) {
    const res = new ServerResponse(req);
    res.assignSocket(socket);
    handler(req, res, next);
    Object.assign(res, { finished: true });
    res.emit("finish");
    res.detachSocket(socket);
    res.emit("close");
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / requestsPerRound;
}

const taken: Record<string, number[]> = {};
for (let round = 0; round < rounds; round += 1) {
  for (const [name, log] of Object.entries(contestants)) (taken[name] ??= []).push(run(log));
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const without = median(taken["no log"] ?? []);
const costs = Object.fromEntries(Object.entries(taken).map(([name, values]) => [name, median(values) - without]));
for (const [name, us] of Object.entries(costs)) console.log(`${name.padEnd(32)} ${us.toFixed(1).padStart(6)} us`);
for (const [name, { count, bytes }] of Object.entries(seen))
  if (count > 0) console.log(`${name}: ${count} lines of ${Math.round(bytes / count)} bytes`);
if (peer !== undefined && !((costs["accessLog()"] ?? NaN) < (costs["pino-http, the same fields"] ?? NaN))) {
  console.error("pino-http with the same fields was cheaper");
  process.exitCode = 1;
}
