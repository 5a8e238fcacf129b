import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";

import { endWithProcess, eventually, gatewayProgram, listen } from "@aivillage/testing";

const freePorts = {
  GATEWAY_HOST: "127.0.0.1",
  GATEWAY_PORT: "0",
  VILLAGE_TWIN_PORT: "0",
  VILLAGE_AGENT_CONTROLLER_PORT: "0",
  VILLAGE_KNOWLEDGE_SYSTEM_PORT: "0",
  LOG_LEVEL: "ERROR",
};

interface Member {
  url: string;
  pid: number;
}

interface Village extends AsyncDisposable {
  pid: number;
  printed(): string;
  /** Resolves to exit code and signal when the starter has ended. */
  ended: Promise<readonly [code: number | null, signal: string | null]>;
  /** Waits until the village is up. */
  up(): Promise<void>;
  member(name: string): Member;
  /** Whether any process of the village is left. */
  lives(): boolean;
}

function start(env: Record<string, string> = {}): Village {
  const child = spawn(process.execPath, ["--conditions=@aivillage/source", gatewayProgram(), "demo"], {
    env: { ...process.env, ...freePorts, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  endWithProcess(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const ended = once(child, "close").then(([code, signal]) => [code as number | null, signal as string | null] as const);
  const pids = (): number[] => [...text.matchAll(/pid (\d+)/g)].map(([, pid]) => Number(pid));
  return {
    pid: child.pid ?? 0,
    printed: () => text,
    ended,
    async up() {
      const isUp = (): boolean => text.includes("Ctrl-C stops everything.");
      await eventually(() => isUp() || child.exitCode !== null, "the village is up", { state: () => text });
      assert.ok(isUp(), text);
    },
    member(name) {
      const [, url = "", pid = ""] = new RegExp(`^ {2}${name} +(http\\S+) +pid (\\d+)$`, "m").exec(text) ?? [];
      assert.notEqual(url, "", text);
      return { url, pid: Number(pid) };
    },
    lives: () => pids().some(isAlive),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      await eventually(() => !pids().some(isAlive), "the village is gone");
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Services that are somewhere else, so that a village starts two processes and not four. */
const elsewhere = (url: string) => ({ AGENT_CONTROLLER_URL: url, KNOWLEDGE_SYSTEM_URL: url });

const bearer = (key = "dev-gateway-key-12345") => ({ Authorization: `Bearer ${key}` });

function ask({ url }: Member, key = bearer(), query = "What is the capital of France?"): Promise<Response> {
  const headers = { ...key, "Content-Type": "application/json" };
  return fetch(`${url}/v1/query`, { method: "POST", headers, body: JSON.stringify({ query }) });
}

void describe("aivillage-gateway demo", () => {
  void test("responds to a query on both ways, and ends with code 0 without leaving a process", async () => {
    await using village = start();
    await village.up();
    const gateway = village.member("gateway");
    assert.ok(village.printed().includes(`curl -s ${gateway.url}/v1/query -H 'Authorization: Bearer dev-gateway-key-12345'`));

    const response = (await (await ask(gateway)).json()) as Record<string, unknown>;
    assert.equal(response["answer"], "The capital of France is Paris.");
    assert.equal(response["agent"], "knowledge");
    assert.equal(response["routed_via"], "agent_controller");

    const form = new FormData();
    form.append("file", new Blob(["The village bakery opens at six."], { type: "text/plain" }), "bakery.txt");
    const uploaded = await fetch(`${gateway.url}/v1/upload`, { method: "POST", headers: bearer(), body: form });
    assert.equal(uploaded.status, 201);
    const found = (await (await ask(gateway, bearer(), "When does the bakery open?")).json()) as Record<string, unknown>;
    assert.equal(found["answer"], "The village bakery opens at six.");

    const chat = await fetch(`${gateway.url}/v1/chat`, {
      method: "POST",
      headers: { ...bearer(), "Content-Type": "application/json", Accept: "text/event-stream" },
      body: '{"message":"Hello"}',
    });
    assert.match(await chat.text(), /^data: \{"delta":"Hello\."\}\n\n(?:data: .*\n\n)+event: done\ndata: .*\n\n$/);

    const { pid } = village.member("agent controller");
    assert.match(village.printed(), new RegExp(`^ {2}kill ${pid}$`, "m"));
    process.kill(pid, "SIGTERM");
    await eventually(() => village.printed().includes(`The agent controller (pid ${pid}) has ended: 0.`), "its end is reported");
    const fallback = (await (await ask(gateway)).json()) as Record<string, unknown>;
    assert.equal(fallback["answer"], "The capital of France is Paris.");
    assert.equal(fallback["routed_via"], "knowledge_system_direct");

    process.kill(village.pid, "SIGINT");
    assert.deepEqual(await village.ended, [0, null]);
    assert.equal(village.lives(), false);
  });

  void test("hands the key, the settings and services that are somewhere else to the gateway", async () => {
    await using twin = await listen(
      (_req, res) => void res.setHeader("Content-Type", "application/json").end('{"reply":"from elsewhere"}'),
    );
    await using village = start({ ...elsewhere(twin.url), TWIN_URL: twin.url, API_KEY: "a-key_of.my~own" });
    await village.up();
    assert.doesNotMatch(village.printed(), /^ {2}twin /m);
    assert.ok(village.printed().includes("-H 'Authorization: Bearer a-key_of.my~own'"));
    const gateway = village.member("gateway");
    assert.equal((await ask(gateway)).status, 401);
    assert.equal((await ask(gateway, bearer("a-key_of.my~own"))).status, 200);
    const headers = { ...bearer("a-key_of.my~own"), "Content-Type": "application/json" };
    const chat = await fetch(`${gateway.url}/v1/chat`, { method: "POST", headers, body: '{"message":"Hello"}' });
    assert.equal(((await chat.json()) as { reply: string }).reply, "from elsewhere");
    process.kill(village.pid, "SIGTERM");
    assert.deepEqual(await village.ended, [0, null]);
    assert.equal(village.lives(), false);
  });

  void test("runs where no temporary file can be written, and the console asks for a key", async () => {
    await using service = await listen((_req, res) => void res.end());
    await using village = start({ ...elsewhere(service.url), TWIN_URL: service.url, TMPDIR: "/nowhere" });
    await village.up();
    assert.match(village.printed(), /http:\/\/127\.0\.0\.1:\d+\/console\/\n/);
    const ports = [...village.printed().matchAll(/http:\/\/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
    // The system would give others to servers that ask for any, before the gateway listens.
    assert.ok(
      ports.every((port) => port >= 10_000 && port < 30_000),
      String(ports),
    );
    assert.ok(!village.printed().includes("#key="));
    process.kill(village.pid, "SIGTERM");
    assert.deepEqual(await village.ended, [0, null]);
  });

  void test("ends with the gateway, and with its exit code", async () => {
    await using service = await listen((_req, res) => void res.end());
    await using village = start(elsewhere(service.url));
    await village.up();
    process.kill(village.member("gateway").pid, "SIGKILL");
    assert.deepEqual(await village.ended, [1, null]);
    assert.equal(village.lives(), false);
  });

  void test("ends when the process that started it is killed", async () => {
    await using service = await listen((_req, res) => void res.end());
    await using village = start(elsewhere(service.url));
    await village.up();
    process.kill(village.pid, "SIGKILL");
    await village.ended;
    await eventually(() => !village.lives(), "all processes are gone");
  });

  void test("names every port that is taken and the variable that moves it, and starts nothing", async () => {
    await using first = await listen(() => undefined);
    await using second = await listen(() => undefined);
    await using village = start({ VILLAGE_AGENT_CONTROLLER_PORT: String(first.port), GATEWAY_PORT: String(second.port) });
    assert.deepEqual(await village.ended, [1, null]);
    assert.deepEqual(village.printed().trimEnd().split("\n"), [
      `aivillage-gateway: port ${first.port} for the agent controller is taken: set VILLAGE_AGENT_CONTROLLER_PORT to a free port`,
      `port ${second.port} for the gateway is taken: set GATEWAY_PORT to a free port`,
    ]);
  });

  void test("refuses a value that is not a port", async () => {
    await using village = start({ VILLAGE_TWIN_PORT: "80O1" });
    assert.deepEqual(await village.ended, [1, null]);
    assert.equal(village.printed(), 'aivillage-gateway: VILLAGE_TWIN_PORT must be a port from 0 to 65535, got "80O1"\n');
  });

  void test("stops what runs when the gateway refuses its settings", async () => {
    await using service = await listen((_req, res) => void res.end());
    await using village = start({ ...elsewhere(service.url), RATE_LIMIT_REQUESTS: "many" });
    assert.deepEqual(await village.ended, [1, null]);
    assert.match(village.printed(), /RATE_LIMIT_REQUESTS/);
    assert.doesNotMatch(village.printed(), /The village is up/);
    assert.equal(village.lives(), false);
  });
});
