/**
 * What it costs to set the fields of an answer and to write its head, to the bytes: 26 fields, 16 of which every answer has, on Node's own
 * class and on ours, with and without a block.
 * Run: `node --conditions=@aivillage/source bench/lean-response.bench.ts`. Fails when the block does not save half.
 */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

import { FieldBlock } from "@aivillage/middleware";

import { LeanResponse } from "../src/index.ts";

const shared = Array.from({ length: 16 }, (_each, at): [string, string] => [
  `X-Shared-${at}`,
  "max-age=63072000; includeSubDomains; preload",
]);
const block = new FieldBlock(shared);

function setOwn(res: ServerResponse, call: number): void {
  for (let at = 0; at < 8; at += 1) res.setHeader(`X-Own-${at}`, `value ${call}`);
  res.setHeader("Content-Type", "application/json; charset=utf-8");
  res.setHeader("Content-Length", 208);
}

function setShared(res: ServerResponse): void {
  for (const [name, value] of shared) res.setHeader(name, value);
}

interface Contestant {
  readonly kind: typeof ServerResponse;
  readonly set: (res: ServerResponse, call: number) => void;
}

const eachByItself = (res: ServerResponse, call: number): void => {
  setShared(res);
  setOwn(res, call);
};
const withBlock = (res: ServerResponse, call: number): void => {
  block.setOn(res);
  setOwn(res, call);
};
const contestants: Readonly<Record<string, Contestant>> = {
  ServerResponse: { kind: ServerResponse, set: eachByItself },
  LeanResponse: { kind: LeanResponse, set: eachByItself },
  "LeanResponse, FieldBlock": { kind: LeanResponse, set: withBlock },
};

const callsPerRound = 20_000;
const rounds = 15;
const req = new IncomingMessage(new Socket());
const best = new Map<string, number>();
let written = 0;

for (let round = 0; round < rounds; round += 1) {
  for (const [name, { kind: Kind, set }] of Object.entries(contestants)) {
    const before = process.cpuUsage().user;
    for (let call = 0; call < callsPerRound; call += 1) {
      const res = new Kind(req) as ServerResponse & { _header: string };
      set(res, call);
      res.writeHead(200);
      // Its bytes, because until somebody wants them the text is only a list of parts.
      // oxlint-disable-next-line no-underscore-dangle -- the name is Node's
      written += Buffer.from(res._header, "latin1").length;
    }
    const usPerCall = (process.cpuUsage().user - before) / callsPerRound;
    best.set(name, Math.min(best.get(name) ?? Infinity, usPerCall));
  }
}

const own = best.get("ServerResponse") ?? 0;
for (const [name, us] of best) console.log(`${name.padEnd(26)} ${us.toFixed(2).padStart(6)} us   ${(us / own).toFixed(2)} x Node's own`);
console.log(`${written} bytes written`);
if ((best.get("LeanResponse, FieldBlock") ?? Infinity) > own / 2) {
  console.error("a block does not save half of what Node's own class costs: the claim in README.md does not hold");
  process.exitCode = 1;
}
