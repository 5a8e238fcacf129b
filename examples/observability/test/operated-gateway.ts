import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { loadConfig, type StartedGateway, startGateway } from "@aivillage/gateway";
import { listen, type RunningRedis, type RunningServer, startRedis } from "@aivillage/testing";
import { type FakeProvider, startFakeProvider } from "@aivillage/testing/fake-provider";

import { agentController } from "../../village/src/agent-controller.ts";
import { knowledgeSystem } from "../../village/src/knowledge-system.ts";
import { twin } from "../../village/src/twin.ts";

const apiKey = "a-key-for-the-tests-of-this-kit";
/** More values of the label `tier` than a metric has places for. */
const manyTiers = Array.from({ length: 1_050 }, (_, index) => `tier-${index}`);

/** One of the real services of the village, which can be made slow. */
interface Service extends RunningServer {
  /** Delays every request but those for its health. */
  delayMs: number;
}

/** A gateway with a key file and a Redis before the village, all real. */
export interface OperatedGateway extends AsyncDisposable, StartedGateway {
  readonly twin: Service;
  readonly agentController: Service;
  readonly redis: RunningRedis;
  readonly manyKeys: readonly string[];
  /** Sends a request and reads the response; resolves to the status, 0 when there was none. */
  send(path: string, init?: RequestInit & { key?: string }): Promise<number>;
}

export async function startOperatedGateway(): Promise<OperatedGateway> {
  const folder = await mkdtemp(join(tmpdir(), "aivillage-operated-"));
  await writeFile(join(folder, "keys.yaml"), keysFile());
  const knowledge = await startService(knowledgeSystem());
  const services = {
    knowledge,
    twin: await startService(twin({ wordDelayMs: 1 })),
    agentController: await startService(agentController({ knowledgeUrl: knowledge.url })),
  };
  const models = await startFakeProvider();
  await writeFile(join(folder, "gateway.yaml"), aiRoute(models));
  const redis = await startRedis();
  const started = await startGateway(
    loadConfig({
      env: {
        GATEWAY_HOST: "127.0.0.1",
        GATEWAY_PORT: "0",
        API_KEY: apiKey,
        CONFIG_FILE: join(folder, "gateway.yaml"),
        API_KEYS_FILE: join(folder, "keys.yaml"),
        RATE_LIMIT_REQUESTS: "200",
        RATE_LIMIT_WINDOW: "5",
        MAX_CONCURRENT_PER_KEY: "1000",
        REDIS_URL: `redis://127.0.0.1:${redis.port}`,
        TWIN_URL: services.twin.url,
        AGENT_CONTROLLER_URL: services.agentController.url,
        KNOWLEDGE_SYSTEM_URL: knowledge.url,
      },
    }),
    { logger: silent, drainMs: 100 },
  );
  return {
    ...started,
    ...services,
    redis,
    manyKeys: manyTiers.map(keyOfTier),
    send: (path, init) => send(started.url + path, init),
    async [Symbol.asyncDispose]() {
      await started.close();
      await Promise.all([...Object.values(services), models, redis].map((each) => each[Symbol.asyncDispose]()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const nothing = (): void => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

const keyOfTier = (tier: string): string => `the-key-that-belongs-to-${tier}`;

function keysFile(): string {
  const entries = manyTiers.map((tier) => {
    const sha256 = createHash("sha256").update(keyOfTier(tier)).digest("hex");
    return `  - id: ${tier}\n    tier: ${tier}\n    sha256: ${sha256}\n`;
  });
  return `keys:\n${entries.join("")}`;
}

function aiRoute({ url }: FakeProvider): string {
  return `routes:\n  - { path: /v1/chat/completions, upstream: ["${url}"], ai: openai-chat }\n`;
}

async function startService(app: RequestListener): Promise<Service> {
  const running = await listen((req, res) => {
    if (req.url !== "/healthz" && service.delayMs > 0) return void setTimeout(() => app(req, res), service.delayMs);
    app(req, res);
  });
  const service: Service = Object.assign(running, { delayMs: 0 });
  return service;
}

/** Keeps the whole process busy for so long. */
export function beBusy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

async function send(url: string, { key = apiKey, headers, ...init }: RequestInit & { key?: string } = {}): Promise<number> {
  const authorization = key === "" ? {} : { authorization: `Bearer ${key}` };
  const given = init.body === undefined || init.body instanceof FormData ? {} : { "content-type": "application/json" };
  try {
    const response = await fetch(url, { ...init, headers: { ...authorization, ...given, ...(headers as Record<string, string>) } });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

/** Sends one request with each key, fifty at a time. */
export async function flood(gateway: OperatedGateway, keys: readonly string[]): Promise<void> {
  for (let sent = 0; sent < keys.length; sent += 50) {
    await Promise.all(keys.slice(sent, sent + 50).map((key) => gateway.send("/", { key })));
  }
}

/** Traffic of every kind, good and bad, again and again until it is aborted. */
export async function sendTraffic(gateway: OperatedGateway, signal: AbortSignal): Promise<void> {
  let turn = 0;
  await flood(
    gateway,
    Array.from({ length: 250 }, () => ""),
  );
  const running = new Set<Promise<unknown>>();
  while (!signal.aborted) {
    for (const sent of everyKind(gateway, turn)) {
      running.add(sent);
      void sent.finally(() => running.delete(sent));
    }
    turn += 1;
    await delay(250);
  }
  await Promise.all(running);
}

function everyKind(gateway: OperatedGateway, turn: number): Promise<number>[] {
  const to: OperatedGateway["send"] = (path, init) => gateway.send(path, init);
  const post = (path: string, body: unknown, init: RequestInit & { key?: string } = {}): Promise<number> =>
    to(path, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body), ...init });
  const file = (content: string | Uint8Array<ArrayBuffer>, name: string): FormData => {
    const form = new FormData();
    form.append("file", new Blob([content], { type: "text/plain" }), name);
    return form;
  };
  const always = [
    post("/v1/query", { query: "What is the capital of France?" }),
    post("/v1/query", { query: "What is 6 * 7?" }),
    post("/v1/chat", { message: "Hello, my name is Ada." }),
    post("/v1/chat/completions", { model: "echo", stream: true, messages: [{ role: "user", content: "Say something nice about Brest." }] }),
    to("/healthz", { key: "" }),
  ];
  const inTurn = [
    () => to("/v1/upload", { method: "POST", body: file(`Lighthouse number ${turn} stands on the cape.`, "lighthouse.txt") }),
    () => to("/v1/upload", { method: "POST", body: file(new Uint8Array([0x4d, 0x5a, 0x90, 0, 3, 0, 0, 0]), "program.txt") }),
    () => post("/v1/chat", { message: "Tell me a long story.", stream: true }),
    () => post("/v1/chat", { message: "Tell me a long story.", stream: true }, { signal: AbortSignal.timeout(4) }),
    () => post("/v1/query", { query: "What?", session_id: "no id at all" }),
    () => post("/v1/query", "{ no json"),
    () => post("/v1/query", { query: "Who am I?" }, { key: "" }),
    () => to("/livez", { key: "" }),
    () => to(`/nowhere/${turn}`),
    () => to("/v1/query"),
    () => to("/", { key: "" }),
  ];
  // Many of these would bring the whole address under suspicion, and that is another tier.
  const once = [
    () => post("/v1/query", { query: "Who am I?" }, { key: "guessed" }),
    () => post("/v1/query", { query: "'; DROP TABLE users; --" }),
  ];
  return [
    ...always,
    ...once.slice(turn, turn + 1).map((each) => each()),
    ...inTurn.filter((_, index) => index % 4 === turn % 4).map((each) => each()),
  ];
}
