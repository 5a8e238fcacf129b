// Needs its own process: is the primary of a cluster.
import assert from "node:assert/strict";
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { eventually } from "@aivillage/testing";

import { type AttachedCounts, ClusterStore } from "../../src/index.ts";

cluster.setupPrimary({ exec: join(import.meta.dirname, "server.process.ts"), args: [], execArgv: ["--conditions=@aivillage/source"] });
let attached: AttachedCounts | undefined;
let port = 0;

before(async () => {
  attached = ClusterStore.attach();
  await Promise.all([1, 2, 3, 4].map(() => start()));
});
after(() => {
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGKILL");
  attached?.close();
});

async function start(): Promise<Worker> {
  const worker = cluster.fork();
  const [address] = (await once(worker, "listening")) as [{ port: number }];
  port = address.port;
  return worker;
}

interface HttpResponse {
  /** 0 when the connection broke, as that of a killed worker does. */
  readonly status: number;
  readonly limit: string;
  readonly worker: string;
}

/** @param patienceMs after which a connection on which nobody responds counts as broken */
function get(client: string, path = "/", patienceMs = 60_000): Promise<HttpResponse> {
  return new Promise((resolve) => {
    const broken = (): void => resolve({ status: 0, limit: "", worker: "" });
    const sent = request({ port, host: "127.0.0.1", path, agent: false, headers: { "x-test-client": client } }, (res) => {
      const { "x-ratelimit-limit": limit, "x-worker": worker } = res.headers;
      res.resume().on("error", broken);
      res.on("end", () => resolve({ status: res.statusCode ?? 0, limit: String(limit), worker: String(worker) }));
    });
    sent.setTimeout(patienceMs, () => void sent.destroy()).on("error", broken);
    sent.on("close", broken);
    sent.end();
  });
}

function crowd(client: string, size: number, patienceMs?: number): Promise<HttpResponse[]> {
  return Promise.all(Array.from({ length: size }, () => get(client, "/", patienceMs)));
}

const passed = (responses: readonly HttpResponse[]): HttpResponse[] => responses.filter(({ status }) => status === 200);

test("of 400 concurrent requests to four workers exactly 100 pass", async () => {
  const responses = await crowd("crowd", 400);
  assert.equal(passed(responses).length, 100);
  assert.equal(responses.filter(({ status }) => status === 429).length, 300);
  assert.equal(new Set(responses.map(({ worker }) => worker)).size, 4, "all workers took part");
});

test("with one worker killed in between and replaced, never more than 100 pass, and the limit stays used up", async () => {
  // A connection that the primary hands over to a worker in the moment when it is killed stays open, and nobody responds.
  const first = crowd("unlucky", 300, 15_000);
  const [victim] = Object.values(cluster.workers ?? {});
  await get("somebody");
  victim?.process.kill("SIGKILL");
  const [, responses] = await Promise.all([start(), first]);
  const later = await crowd("unlucky", 300);
  const total = passed([...responses, ...later]).length;
  assert.ok(total <= 100, `${total} passed`);
  // What the killed worker had asked for was granted and died with it: at most what it had under way.
  assert.ok(total >= 25, `${total} passed`);
  assert.equal(passed(await crowd("unlucky", 50)).length, 0);
  assert.equal(passed(await crowd("else", 150)).length, 100, "the new worker counts with the others");
});

test("who is penalised in one worker is in all of them, also in one that starts later", async () => {
  assert.equal((await get("ann", "/penalise")).status, 200);
  const limits = new Map<string, string>();
  const seen = async (): Promise<Map<string, string>> => {
    for (const { worker, limit } of await crowd("ann", 8)) if (worker !== "") limits.set(worker, limit);
    return limits;
  };
  await start();
  const isKnown = async (): Promise<boolean> => (await seen()).size === 5 && [...limits.values()].every((limit) => limit === "25");
  await eventually(isKnown, "all five know the penalty");
});
