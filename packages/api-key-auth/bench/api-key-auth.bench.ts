/**
 * What a good key costs a request, in CPU time: ours against the least that a careful hand would write, `timingSafeEqual()` of
 * SHA-256 digests for one key. Each call gets a request of its own, with headers that are parsed before.
 * Run: `node --conditions=@aivillage/source bench/api-key-auth.bench.ts`. Fails when ours costs more than 2.5 us or 1.5 times as much.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

import { type Handler, HttpProblem } from "@aivillage/middleware";

import { apiKeyAuth, createApiKey, getPrincipal, KeyRing, requireScope } from "../src/index.ts";

const mostUs = 2.5;
const mostTimes = 1.5;
const callsPerRound = 20_000;
const rounds = 15;

const { key, keyId, sha256 } = createApiKey();
const others = Array.from({ length: 1_000 }, (_, index) => ({ id: `client-${index}`, sha256: createApiKey().sha256 }));
const ring = new KeyRing([...others, { id: "ada", keyId, sha256, scopes: ["query"] }]);
const [mine, withFailures] = [apiKeyAuth({ keys: ring }), apiKeyAuth({ keys: ring, failures: {} })];
const scope = requireScope("query");

const expected = createHash("sha256").update(key).digest();
const handWritten: Handler = (req, _res, next) => {
  const { authorization = "" } = req.headers;
  const presented = createHash("sha256")
    .update(authorization.replace(/^Bearer /, ""))
    .digest();
  if (timingSafeEqual(presented, expected)) next();
  else next(new HttpProblem({ status: 401 }));
};

const contestants: Readonly<Record<string, Handler>> = {
  "nothing at all": (_req, _res, next) => next(),
  "hand-written, one key": handWritten,
  "apiKeyAuth(), 1001 keys": mine,
  "apiKeyAuth({ failures }), 1001 keys": withFailures,
  "the same and requireScope()": (req, res, next) => {
    withFailures(req, res, next);
    scope(req, res, next);
  },
};

const socket = new Socket();
const rawHeaders = [
  "Host",
  "village.example",
  "Content-Type",
  "application/json",
  "Content-Length",
  "20",
  "Authorization",
  `Bearer ${key}`,
];
function newRequest(): IncomingMessage {
  const req = new IncomingMessage(socket);
  Object.assign(req, { rawHeaders, url: "/v1/query" });
  req.headers = { host: "village.example", "content-type": "application/json", authorization: `Bearer ${key}` };
  return req;
}

const response = new ServerResponse(newRequest());
let passed = 0;
const next = (error?: unknown): void => void (passed += error === undefined ? 1 : 0);

function cpuUsPerCall(handler: Handler): number {
  const requests = Array.from({ length: callsPerRound }, newRequest);
  const start = process.cpuUsage();
  for (const req of requests) handler(req, response, next);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / callsPerRound;
}

const measured: Record<string, number[]> = {};
for (let round = 0; round < rounds; round += 1) {
  for (const [name, handler] of Object.entries(contestants)) (measured[name] ??= []).push(cpuUsPerCall(handler));
}
if (passed !== rounds * callsPerRound * (Object.keys(contestants).length + 1)) throw new Error("a good key was refused");
const probe = newRequest();
mine(probe, response, next);
if (getPrincipal(probe)?.keyId !== keyId) throw new Error("the principal is missing");

const median = (name: string): number => measured[name]?.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
const cost = (name: string): number => median(name) - median("nothing at all");
const reference = cost("hand-written, one key");
for (const name of Object.keys(contestants)) {
  console.log(`${name.padEnd(38)} ${cost(name).toFixed(2).padStart(6)} us   ${(cost(name) / reference).toFixed(2)} x hand-written`);
}
const dearest = cost("the same and requireScope()");
if (!(dearest <= mostUs && dearest <= reference * mostTimes)) {
  console.error(`apiKeyAuth() costs more than ${mostUs} us, or more than ${mostTimes} times the hand-written check`);
  process.exitCode = 1;
}
