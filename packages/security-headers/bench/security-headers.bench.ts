/**
 * The cost of the headers alone: ours against helmet with its defaults and against helmet set to send the same headers.
 * Run: `node --conditions=@aivillage/source bench/security-headers.bench.ts`. Fails when ours is not the cheapest.
 */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

import type { Handler } from "@aivillage/middleware";
import helmet from "helmet";

import { securityHeaders } from "../src/index.ts";

const contestants: Record<string, Handler> = {
  "nothing at all": () => undefined,
  "securityHeaders()": securityHeaders(),
  "securityHeaders({ preset: web })": securityHeaders({ preset: "web" }),
  "helmet()": helmet(),
  "helmet() + permissions policy": ((withHelmet: Handler): Handler => {
    return (req, res, next) => {
      res.setHeader("Permissions-Policy", "accelerometer=(), camera=(), geolocation=()");
      withHelmet(req, res, next);
    };
  })(helmet({ contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } } })),
};

const callsPerRound = 50_000;
const rounds = 9;
const req = new IncomingMessage(new Socket());
const best: Record<string, number> = {};

for (let round = 0; round < rounds; round += 1) {
  for (const [name, handler] of Object.entries(contestants)) {
    const start = process.hrtime.bigint();
    for (let call = 0; call < callsPerRound; call += 1) handler(req, new ServerResponse(req), () => undefined);
    const nsPerCall = Number(process.hrtime.bigint() - start) / callsPerRound;
    best[name] = Math.min(best[name] ?? Infinity, nsPerCall);
  }
}

const emptyNs = best["nothing at all"] ?? 0;
const ours = (best["securityHeaders()"] ?? 0) - emptyNs;
for (const [name, ns] of Object.entries(best)) {
  console.log(`${name.padEnd(36)} ${((ns - emptyNs) / 1000).toFixed(2).padStart(6)} us   ${((ns - emptyNs) / ours).toFixed(2)} x ours`);
}
if (Object.entries(best).some(([name, ns]) => name.startsWith("helmet") && ns - emptyNs < ours)) {
  console.error("helmet was cheaper: the claim in README.md does not hold");
  process.exitCode = 1;
}
