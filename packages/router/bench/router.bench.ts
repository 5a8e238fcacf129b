/**
 * The cost of finding a route: with 5 routes and with 500, of a hit and of a miss, of wildcards and hosts, and of find-my-way where it is
 * installed. Run: `node --conditions=@aivillage/source bench/router.bench.ts`. Fails when 500 routes or wildcards cost more than twice as
 * much as 5, or 500 hosts or a miss more than 1.5 times as much as 5 hosts or a hit. In processor time, as the median of several rounds.
 */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

import { router } from "../src/index.ts";

const callsPerRound = 50_000;
const rounds = 41;

/** As many wildcards. */
const wildcards = (count: number): string[] => Array.from({ length: count }, (_none, index) => `/v1/things${index}/*`);

/** As many templates, a third of them without a parameter. */
const templates = (count: number): string[] =>
  Array.from(
    { length: count },
    (_none, index) => [`/v1/things${index}`, `/v1/things${index}/{id}`, `/v1/{kind}/parts${index}/{id}`][index % 3] ?? "",
  );
const hits = (list: readonly string[]): string[] =>
  list.map((template) => template.replace("{kind}", "boats").replace("{id}", "a-7").replace("*", "parts/a-7"));
const misses = (list: readonly string[]): string[] => hits(list).map((path) => `${path}/none`);

type Lookup = (path: string) => void;

const handlers = { GET: () => undefined };

function ours(list: readonly string[], hosts: readonly string[] = []): Lookup {
  const routes = Object.fromEntries(list.map((template) => [template, handlers]));
  const handler = router({ routes, hosts: Object.fromEntries(hosts.map((host) => [host, { "/elsewhere/*": handlers }])) });
  const req = Object.assign(new IncomingMessage(new Socket()), { method: "GET", headers: { host: "api.example.com" } });
  const res = new ServerResponse(req);
  const next = (): void => undefined;
  return (path) => {
    req.url = path;
    handler(req, res, next);
  };
}

interface FindMyWay {
  on(method: string, path: string, handler: () => void): void;
  lookup(req: object, res: object): void;
}

/** Not a dependency: compared with where a reader has installed it. */
async function findMyWay(list: readonly string[]): Promise<Lookup | undefined> {
  const name = "find-my-way";
  const module = (await import(name).catch(() => undefined)) as { default: (options: object) => FindMyWay } | undefined;
  if (module === undefined) return undefined;
  const peer = module.default({ defaultRoute: () => undefined });
  for (const template of list) peer.on("GET", template.replaceAll(/\{(\w+)\}/g, ":$1"), () => undefined);
  return (path) => peer.lookup({ method: "GET", url: path, headers: {} }, {});
}

const [few, many] = [templates(5), templates(500)];
const [fewWild, manyWild] = [wildcards(5), wildcards(500)];
const hosts = Array.from({ length: 500 }, (_none, index) => (index % 2 === 0 ? `h${index}.example.com` : `*.h${index}.example.com`));
const peer = await findMyWay(many);
const contestants: Record<string, { readonly lookup: Lookup; readonly paths: readonly string[] }> = {
  "5 routes, hit": { lookup: ours(few), paths: hits(few) },
  "5 routes, miss": { lookup: ours(few), paths: misses(few) },
  "500 routes, hit": { lookup: ours(many), paths: hits(many) },
  "500 routes, miss": { lookup: ours(many), paths: misses(many) },
  "5 wildcards, hit": { lookup: ours(fewWild), paths: hits(fewWild) },
  "500 wildcards, hit": { lookup: ours(manyWild), paths: hits(manyWild) },
  "500 routes, 5 hosts": { lookup: ours(many, hosts.slice(0, 5)), paths: hits(many) },
  "500 routes, 500 hosts": { lookup: ours(many, hosts), paths: hits(many) },
  ...(peer !== undefined && { "find-my-way, 500, hit": { lookup: peer, paths: hits(many) } }),
};

function nsPerCall(lookup: Lookup, paths: readonly string[]): number {
  const before = process.cpuUsage();
  for (let call = 0; call < callsPerRound; call += 1) lookup(paths[call % paths.length] ?? "");
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1_000) / callsPerRound;
}

const times: Record<string, number[]> = {};
for (let round = 0; round < rounds; round += 1) {
  for (const [name, { lookup, paths }] of Object.entries(contestants)) (times[name] ??= []).push(nsPerCall(lookup, paths));
}

const median = (values: readonly number[]): number => values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
for (const [name, values] of Object.entries(times)) console.log(`${name.padEnd(24)} ${median(values).toFixed(0).padStart(6)} ns`);

/** Of two that ran one after the other, so that what slows down the machine slows down both. */
const ratio = (one: string, other: string): number =>
  median((times[one] ?? []).map((value, round) => value / (times[other]?.[round] ?? Number.NaN)));
const claims = [
  { name: "500 routes cost at most twice as much as 5", got: ratio("500 routes, hit", "5 routes, hit"), most: 2 },
  { name: "500 wildcards cost at most twice as much as 5", got: ratio("500 wildcards, hit", "5 wildcards, hit"), most: 2 },
  { name: "500 hosts cost at most 1.5 times as much as 5", got: ratio("500 routes, 500 hosts", "500 routes, 5 hosts"), most: 1.5 },
  { name: "a miss costs at most 1.5 times a hit", got: ratio("500 routes, miss", "500 routes, hit"), most: 1.5 },
];
for (const { name, got, most } of claims) {
  console.log(`${name}: ${got.toFixed(2)}`);
  if (!(got <= most)) {
    console.error(`not true: ${name}`);
    process.exitCode = 1;
  }
}
