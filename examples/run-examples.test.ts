import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text as readText } from "node:stream/consumers";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { endProcess, endWithProcess, eventually, freePort, listen, rawRequest, startDownstream, temporaryFile } from "@aivillage/testing";

interface RunningExample extends AsyncDisposable {
  url: string;
  /** Everything that it has printed. */
  printed(): string;
  /** Sends SIGTERM and resolves to the exit code. */
  stop(): Promise<number | null>;
}

interface RunOptions {
  execArgv?: string[];
  env?: Record<string, string>;
}

/** Runs an example as its reader would, on a free port, until it listens. */
async function run(file: string, { execArgv = [], env = {} }: RunOptions = {}): Promise<RunningExample> {
  const port = await freePort();
  const child = spawn(process.execPath, ["--conditions=@aivillage/source", ...execArgv, fileURLToPath(new URL(file, import.meta.url))], {
    env: { ...process.env, PORT: String(port), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  endWithProcess(child);
  // Not its exit: what it printed last may come after that.
  const closed = once(child, "close").then(([code]) => code as number | null);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  await untilListens(child, () => text);
  return {
    url: `http://127.0.0.1:${port}`,
    printed: () => text,
    stop() {
      child.kill("SIGTERM");
      return closed;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

/** Kills it when it does not. */
async function untilListens(child: ChildProcess, printed: () => string): Promise<void> {
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  try {
    await eventually(() => hasEnded() || printed().includes(" listens on "), "the example listens", { state: printed });
    assert.ok(!hasEnded(), printed());
  } catch (error) {
    await endProcess(child);
    throw error;
  }
}

async function assertProblem(response: Response, status: number): Promise<Record<string, unknown>> {
  assert.equal(response.status, status);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal(response.headers.get("x-frame-options"), "DENY");
  return (await response.json()) as Record<string, unknown>;
}

/** Waits until an example has printed a line with a text. */
async function printedLine(example: RunningExample, part: string): Promise<string> {
  const find = (): string | undefined =>
    example
      .printed()
      .split("\n")
      .slice(0, -1)
      .find((line) => line.includes(part));
  return (await eventually(find, part)) ?? "";
}

async function assertStopsCleanly(example: RunningExample): Promise<void> {
  assert.equal(await example.stop(), 0);
  assert.match(example.printed(), /^.* listens on http:\/\/localhost:\d+\n$/);
}

void describe("the examples", { concurrency: 2 }, () => {
  void test("express-5", async () => {
    await using example = await run("express-5/server.ts");
    const response = await fetch(example.url);
    assert.deepEqual(await response.json(), { ports: ["brest", "dover"] });
    assert.equal(response.headers.get("strict-transport-security"), "max-age=63072000; includeSubDomains; preload");
    assert.equal(response.headers.get("x-powered-by"), null);
    assert.deepEqual(await (await fetch(`${example.url}/tides/dover`)).json(), { port: "dover", tide: "high at 11:40" });
    const unknown = await assertProblem(await fetch(`${example.url}/tides/atlantis`), 404);
    assert.match(String(unknown["detail"]), /No tide is known/);
    await assertProblem(await fetch(`${example.url}/nowhere`), 404);
    await assertStopsCleanly(example);
  });

  void test("express-4-commonjs", async () => {
    await using example = await run("express-4-commonjs/server.cjs");
    const response = await fetch(example.url);
    assert.match(await response.text(), /High at 05:12/);
    assert.match(response.headers.get("content-security-policy") ?? "", /script-src 'self' 'nonce-[^']+'/);
    assert.equal(response.headers.get("x-robots-tag"), "noindex");
    const broken = await assertProblem(await fetch(`${example.url}/broken`), 500);
    assert.equal(JSON.stringify(broken).includes("stays here"), false);
    await assertProblem(await fetch(`${example.url}/nowhere`), 404);
    assert.equal(await example.stop(), 0);
    // The operator reads what the client does not.
    assert.match(example.printed(), /^unexpected error in GET \/broken: Error: what went wrong stays here/m);
  });

  void test("connect", async () => {
    await using example = await run("connect/server.ts");
    const response = await fetch(`${example.url}/tides`, { headers: { "X-Request-Id": "caller-1" } });
    assert.equal(response.headers.get("x-request-id"), "caller-1");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.deepEqual(await response.json(), { tide: "high at 05:12", request: "caller-1" });
    const busy = await fetch(`${example.url}/busy`, { headers: { "X-Request-Id": "caller-2" } });
    assert.equal(busy.headers.get("retry-after"), "30");
    assert.equal((await assertProblem(busy, 503))["request_id"], "caller-2");
    await assertStopsCleanly(example);
  });

  void test("router", async () => {
    await using example = await run("router/server.ts");
    assert.deepEqual(await (await fetch(`${example.url}/tides`)).json(), { ports: ["brest", "dover"] });
    assert.deepEqual(await (await fetch(`${example.url}/tides/dover`)).json(), { port: "dover", tide: "high at 11:40" });
    const unknown = await fetch(`${example.url}/tides/atlantis`);
    assert.deepEqual([unknown.status, ((await unknown.json()) as { detail: string }).detail], [404, "No tide is known for atlantis."]);
    const moved = await fetch(`${example.url}/ports/dover?day=1`, { redirect: "manual" });
    assert.deepEqual([moved.status, moved.headers.get("location")], [308, "/tides/dover?day=1"]);
    const refused = await fetch(`${example.url}/tides/dover`, { method: "DELETE" });
    assert.deepEqual([refused.status, refused.headers.get("allow")], [405, "GET, HEAD"]);
    const counted = async (): Promise<string> => (await fetch(`${example.url}/metrics`)).text();
    await eventually(async () => /method="GET",endpoint="\/tides\/\{port\}",status="404"\} 1/.test(await counted()), "the port is counted");
    assert.equal(await example.stop(), 0);
    assert.match(example.printed(), /"route":"\/tides\/\{port\}"/);
  });

  void test("node-http", async () => {
    await using example = await run("node-http/server.ts");
    const response = await fetch(`${example.url}/tides?day=1`);
    assert.deepEqual(await response.json(), { tide: "high at 05:12" });
    assert.match(response.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
    assert.equal(response.headers.get("x-frame-options"), "DENY");
    const refused = await fetch(`${example.url}/tides`, { method: "DELETE" });
    assert.equal(refused.headers.get("allow"), "GET");
    await assertProblem(refused, 405);
    const help = await fetch(`${example.url}/help`);
    assert.match(await help.text(), /GET \/tides/);
    const known = { "if-none-match": help.headers.get("etag") ?? "" };
    assert.equal((await fetch(`${example.url}/help`, { headers: known })).status, 304);
    const keep = (body: string): Promise<Response> => fetch(`${example.url}/notes`, { method: "POST", body });
    assert.deepEqual(await (await keep("a note")).json(), { bytes: 6 });
    await assertProblem(await keep("a".repeat(1_001)), 413);
    const missing = await fetch(example.url);
    const id = missing.headers.get("x-request-id");
    assert.equal((await assertProblem(missing, 404))["request_id"], id);
    await assertStopsCleanly(example);
  });

  void test("screening", async () => {
    const file = fileURLToPath(new URL("screening/screen-lines.ts", import.meta.url));
    const child = spawn(process.execPath, ["--conditions=@aivillage/source", file], { stdio: ["pipe", "pipe", "inherit"] });
    const exit = once(child, "exit");
    child.stdin.end("How do I drop a table in SQL?\n4711'; drop table invoices --\n");
    assert.equal(await readText(child.stdout), "line 2, characters 7 to 17: SQL injection (sqli/stacked-statement, score 8)\n");
    assert.deepEqual(await exit, [1, null]);
  });

  void test("ai", async () => {
    const file = fileURLToPath(new URL("ai/talk.ts", import.meta.url));
    const child = spawn(process.execPath, ["--conditions=@aivillage/source", file], { stdio: ["ignore", "pipe", "inherit"] });
    const exit = once(child, "exit");
    assert.deepEqual((await readText(child.stdout)).trimEnd().split("\n"), [
      "OpenAI: The ferry to Brest leaves at seven.",
      "Anthropic: The tide is high at noon.",
      "Refused: 403 This route does not allow the requested model. Choose another one. (model-not-allowed)",
      "gpt-made-up: 15 input tokens",
      "claude-made-up: 14 input tokens",
      "gpt-made-up: 8 output tokens",
      "claude-made-up: 7 output tokens",
    ]);
    assert.deepEqual(await exit, [0, null]);
  });

  void test("http-server", async () => {
    await using example = await run("http-server/server.ts");
    assert.deepEqual(await (await fetch(`${example.url}/tides`)).json(), { tide: "high at 05:12" });
    const note = await fetch(`${example.url}/notes`, { method: "POST", headers: { "content-type": "text/plain" }, body: "hello" });
    assert.deepEqual(await note.json(), { length: 5 });
    const malformed = await rawRequest(Number(new URL(example.url).port), "GET /tides HTTP/1.1\r\nHost: a b\r\n\r\n");
    assert.match(malformed, /^HTTP\/1\.1 400 [^]*application\/problem\+json/);
    const slow = fetch(`${example.url}/slow`);
    await eventually(async () => (await fetch(`${example.url}/readyz`)).status === 200, "it is ready");
    const ended = example.stop();
    await eventually(() => example.printed().includes("SIGTERM: draining"), "it drains");
    assert.deepEqual(await (await slow).json(), { tide: "turning" });
    assert.equal(await ended, 0);
  });

  void test("http-server, with workers", async () => {
    await using example = await run("http-server/workers.ts");
    await eventually(() => example.printed().split(" listens on ").length === 3, "both listen", { state: () => example.printed() });
    const operator = (await printedLine(example, "Operators ask ")).split(" ").at(-1);
    const ask = async (path: string, method: string) =>
      (await (await fetch(new URL(path, operator), { method })).json()) as {
        workers: { pid: number; greeting: string }[];
        missing: number;
      };
    const changed = await ask("/good%20night", "PUT");
    assert.deepEqual([changed.workers.map(({ greeting }) => greeting), changed.missing], [["good night", "good night"], 0]);
    assert.equal(await (await fetch(example.url)).text(), "good night");
    const [killed = { pid: 0 }] = changed.workers;
    process.kill(killed.pid, "SIGKILL");
    const replaced = async (): Promise<boolean> => {
      const { workers } = await ask("/", "GET");
      return workers.length === 2 && workers.every(({ pid, greeting }) => pid !== killed.pid && greeting === "good night");
    };
    await eventually(replaced, "the worker that took its place has the greeting too", { state: () => example.printed() });
    assert.equal(await example.stop(), 0);
  });

  void test("tracing", async () => {
    await using tides = await startDownstream({ body: { tide: "high at 11:40" } });
    const preload = new URL("tracing/telemetry.ts", import.meta.url).href;
    await using example = await run("tracing/server.ts", { execArgv: ["--import", preload], env: { TIDES_URL: tides.url } });
    const headers = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" };
    assert.deepEqual(await (await fetch(`${example.url}/tides/dover`, { headers })).json(), { tide: "high at 11:40" });
    await eventually(() => example.printed().split("\nspan ").length === 3, "two spans", { state: () => example.printed() });
    const [attempt, request] = example
      .printed()
      .split("\nspan ")
      .slice(1)
      .map((json) => JSON.parse(json) as Record<"name" | "spanId" | "parent", string>);
    assert.deepEqual([request?.name, request?.parent], ["GET /tides/:name", "00f067aa0ba902b7"]);
    assert.deepEqual([attempt?.name, attempt?.parent], ["GET", request?.spanId]);
    assert.equal(tides.received[0]?.headers["traceparent"], `00-4bf92f3577b34da6a3ce929d0e0e4736-${attempt?.spanId}-01`);
    assert.equal(await example.stop(), 0);
  });

  void test("console", async () => {
    await using backend = await startDownstream();
    await using example = await run("console/server.ts", { env: { BACKEND_URL: backend.url } });
    const [, address = "", key = ""] = /Its console: (\S+)#key=(\S+)/.exec(await printedLine(example, "Its console")) ?? [];
    assert.match(await (await fetch(address)).text(), /<title>Shop<\/title>/);
    assert.equal((await fetch(`${example.url}/api/orders`)).status, 200);
    const stream = await fetch(`${address}stream`, { headers: { authorization: `Bearer ${key}` } });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!/"route":"\/api","requests":1/.test(text)) text += (await reader?.read())?.value ?? assert.fail(text);
    assert.equal(await example.stop(), 0);
  });

  void test("ai-call", async () => {
    const events = [
      { choices: [{ delta: { content: "Hello" } }] },
      { choices: [], usage: { prompt_tokens: 9, completion_tokens: 2 } },
      "[DONE]",
    ];
    const asked: string[] = [];
    await using models = await listen((req, res) => {
      res.setHeader("Content-Type", "text/event-stream");
      const text = events.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`).join("");
      void readText(req)
        .then((body) => asked.push(body))
        .finally(() => res.end(text));
    });
    await using example = await run("ai-call/server.ts", { env: { MODELS_URL: models.url } });
    const call = (model: string): Promise<Response> =>
      fetch(`${example.url}/v1/chat/completions`, { method: "POST", body: JSON.stringify({ model, stream: true, messages: [] }) });
    assert.equal(await (await call("llama4")).text(), `data: ${JSON.stringify(events[0])}\n\ndata: [DONE]\n\n`);
    assert.match(asked[0] ?? "", /"max_completion_tokens":1024,"stream_options":\{"include_usage":true\}\}$/);
    await eventually(() => example.printed().includes("llama4 completed: 9 input and 2 output tokens, reported"), "the tokens", {
      state: () => example.printed(),
    });
    assert.equal((await call("other")).status, 403);
    assert.equal(await example.stop(), 0);
  });

  void test("admission", async () => {
    await using example = await run("admission/server.ts", { env: { DRAW_MS: "200" } });
    const draw = (artist: string): Promise<Response> => fetch(`${example.url}/draw`, { headers: { "x-artist": artist } });
    // Far more than two easels and six places take, also when they come one after the other.
    const pictures = await Promise.all([...Array.from({ length: 40 }, () => draw("busy")), draw("calm")]);
    assert.deepEqual(new Set(pictures.map(({ status }) => status)), new Set([200, 503]));
    const refused = pictures.find(({ status }) => status === 503);
    assert.match(refused?.headers.get("retry-after") ?? "", /^\d+$/);
    assert.equal(pictures.at(-1)?.status, 200, "one artist cannot fill the queue");
    await eventually(async () => {
      const [state] = (await (await fetch(example.url)).json()) as { inFlight: number }[];
      return state?.inFlight === 0;
    }, "all slots are free");
    assert.equal(await example.stop(), 0);
  });

  void test("token-budget", async (t) => {
    const file = temporaryFile("budgets");
    t.after(() => file[Symbol.dispose]());
    await using models = await listen((req, res) => {
      res.setHeader("Content-Type", "text/event-stream");
      const timer = setInterval(() => res.write('data: {"choices":[{"index":0,"delta":{"content":" and on"}}]}\n\n'), 1);
      res.once("close", () => clearInterval(timer));
      req.resume();
    });
    const env = { MODELS_URL: models.url, JOURNAL: file.path };
    const start = (): Promise<RunningExample> => run("token-budget/server.ts", { env });
    const ask = (url: string): Promise<Response> =>
      fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { "x-user": "ann" },
        body: JSON.stringify({ model: "m", stream: true, messages: [] }),
      });
    const spent = async (url: string): Promise<number> => {
      const response = await fetch(`${url}/v1/budget`, { headers: { "x-user": "ann" } });
      return ((await response.json()) as { spent: number }[])[0]?.spent ?? 0;
    };
    await using example = await start();
    const stream = await ask(example.url);
    assert.match(await stream.text(), /data: \{"error":\{"message":"The budget of the call is used up[^\n]+\n\n$/);
    const used = await eventually(() => spent(example.url), "it is charged");
    // The models send faster than blocks are held, so the last chunk may need several. Another call, which holds 100, does not fit.
    assert.ok(used > 200 && used <= 320, String(used));
    assert.equal((await ask(example.url)).status, 429);
    assert.equal(await example.stop(), 0);
    await using again = await start();
    assert.equal(await spent(again.url), used);
    assert.equal(await again.stop(), 0);
  });

  void test("token-budget, for its operator", async () => {
    const file = fileURLToPath(new URL("token-budget/operate.ts", import.meta.url));
    const child = spawn(process.execPath, ["--conditions=@aivillage/source", file], { stdio: ["ignore", "pipe", "inherit"] });
    endWithProcess(child);
    const exit = once(child, "exit");
    assert.deepEqual((await readText(child.stdout)).trimEnd().split("\n"), [
      "Call: 23 tokens",
      "Call: 23 tokens",
      "Webhook: key:ada reached 80 %, 46 of 55 (signed: true, forgery refused: true)",
      "Call: 429 insufficient_quota",
      "list: key:ada has spent 46 of 55, 0 of them granted",
      "grant: key:ada has spent 46 of 85, 30 of them granted",
      "Call: 23 tokens",
      "Webhook: key:ada reached 80 %, 69 of 85 (signed: true, forgery refused: true)",
      "reset: key:ada has spent 0 of 55, 0 of them granted",
      "Call: 23 tokens",
    ]);
    assert.deepEqual(await exit, [0, null]);
  });

  void test("rotate-keys", async () => {
    using file = temporaryFile("keys.yaml");
    const env = { KEYS_FILE: file.path };
    await using example = await run("rotate-keys/server.ts", { env });
    const [, first = ""] = /^key of ada: (\S+)$/m.exec(example.printed()) ?? [];
    const ask = (key: string, path = "/", method = "GET"): Promise<Response> =>
      fetch(example.url + path, { method, headers: { authorization: `Bearer ${key}` } });
    assert.match(await (await ask(first)).text(), /^hello ada, you use the key \w{12}$/);
    const second = await (await ask(first, "/rotate", "POST")).text();
    await eventually(async () => (await ask(second)).status === 200, "the new key is accepted");
    assert.equal((await ask(first)).status, 200);
    assert.equal((await ask(`${second}x`)).status, 401);
    await printedLine(example, "2 keys in use");
    assert.equal(await example.stop(), 0);
    await using again = await run("rotate-keys/server.ts", { env });
    assert.match(again.printed(), /^the key \w{12} of ada ends in 0 days$/m);
    assert.equal(await again.stop(), 0);
  });

  void test("embedded-gateway", async () => {
    await using example = await run("embedded-gateway/server.ts");
    assert.match(await (await fetch(example.url)).text(), /^The app itself/);
    const information = await fetch(`${example.url}/ai`);
    assert.equal(information.status, 200);
    assert.equal(information.headers.get("x-frame-options"), "DENY");
    assert.equal(((await information.json()) as { name: string }).name, "AIVillage Gateway");
    const query = await fetch(`${example.url}/ai/v1/query`, { method: "POST", body: "{}" });
    await assertProblem(query, 401);
    assert.match(query.headers.get("www-authenticate") ?? "", /^Bearer/);
    assert.equal(await example.stop(), 0);
  });
});
