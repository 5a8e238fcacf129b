import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { auditLog, isAuditLogPath } from "@aivillage/access-log";
import { eventually, startDownstream, temporaryFile } from "@aivillage/testing";
import { startFakeProvider } from "@aivillage/testing/fake-provider";

import { apiKey, startGatewayProcess } from "../bench/support/gateway-process.ts";
import { loadConfig, startGateway } from "../src/index.ts";
import { cli } from "./cli-support.ts";
import { configFile } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const path = "/v1/chat/completions";
const hello = { model: "gpt-5", max_tokens: 20, messages: [{ role: "user", content: "Six tokens are in this" }] };
const prices = { currency: "EUR", models: [{ model: "gpt-*", input: 1, output: 10 }] };
const key = "an-audit-key-of-more-than-32-characters";

type AuditRecord = Readonly<Record<string, unknown>>;

/** The records of a log. */
function recordsOf(file: string): AuditRecord[] {
  const lines = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => (JSON.parse(line) as { record: AuditRecord }).record);
}

test("each call that ended or was refused is one record, which has no text of it", async () => {
  using file = temporaryFile("audit.log");
  await using provider = await startFakeProvider();
  const routes = [{ path, upstream: [provider.url], ai: { dialect: "openai-chat", models: ["gpt-*"] } }];
  const budgets = { limits: [{ name: "daily", unit: "calls", limit: 1, period: "day" }] };
  const env = { AUDIT_FILE: file.path, AUDIT_KEY: key, CONFIG_FILE: configFile({ routes, budgets, prices }) };
  {
    await using gateway = await startTestGateway(env);
    const call = async (body: object, headers: Record<string, string> = {}): Promise<[number, string | null]> => {
      const response = await gateway.post(path, body, headers);
      await response.text();
      return [response.status, response.headers.get("x-request-id")];
    };
    const responded = await call(hello);
    assert.equal(responded[0], 200);
    gateway.gateway.reload(gateway.gateway.config);
    assert.equal((await call(hello))[0], 429);
    assert.equal((await call({ ...hello, model: "other" }))[0], 403);
    assert.equal((await call(hello, { authorization: "Bearer wrong" }))[0], 401);
    await gateway.gateway.budgets.reset("daily", "key:default");
    assert.equal((await call({ ...hello, stream: true }))[0], 200);
    await eventually(() => recordsOf(file.path).length === 4, "all are recorded");
    const [first, second, third, fourth] = recordsOf(file.path);
    const { request_id: id, duration_ms: duration, ...rest } = first ?? {};
    assert.equal(id, responded[1]);
    assert.equal(typeof duration, "number");
    assert.deepEqual(rest, {
      principal: "default",
      principal_kind: "key",
      tier: "authenticated",
      route: path,
      decision: "admitted",
      outcome: "completed",
      status: 200,
      model: "gpt-5",
      stream: false,
      response_model: rest["response_model"],
      input_tokens: rest["input_tokens"],
      output_tokens: rest["output_tokens"],
      cached_input_tokens: 0,
      cache_write_tokens: 0,
      reasoning_tokens: 0,
      usage: "reported",
      cost: (Number(rest["input_tokens"]) + 10 * Number(rest["output_tokens"])) / 1_000_000,
      currency: "EUR",
    });
    assert.ok(Number(rest["output_tokens"]) > 0);
    const shown = [second, third, fourth].map((each) => [
      each?.["decision"],
      each?.["outcome"],
      each?.["status"],
      each?.["problem"],
      each?.["budget"],
      each?.["model"],
    ]);
    assert.deepEqual(shown, [
      ["refused", "refused", 429, "quota-exceeded", "daily", "gpt-5"],
      ["refused", "refused", 403, "model-not-allowed", undefined, undefined],
      ["admitted", "completed", 200, undefined, undefined, "gpt-5"],
    ]);
    assert.equal(fourth?.["stream"], true);
  }
  const text = readFileSync(file.path, "utf8");
  for (const secret of ["Six tokens", "test-key-0123456789"]) assert.ok(!text.includes(secret), secret);
  using keyFile = temporaryFile("key");
  writeFileSync(keyFile.path, key);
  const verified = await cli(["audit", "verify", file.path, "--key-file", keyFile.path]);
  assert.match(verified.stdout, /^valid: 4 valid lines/);
});

test("a call whose client leaves, and one that a budget cuts, are recorded as such", async () => {
  using file = temporaryFile("audit.log");
  const chunk = JSON.stringify({ choices: [{ index: 0, delta: { content: "a word" } }] });
  await using models = await startDownstream({ sse: { events: Array.from({ length: 10_000 }, () => chunk), everyMs: 1 } });
  const routes = [{ path, upstream: [models.url], ai: "openai-chat" }];
  const budgets = { limits: [{ name: "daily", unit: "output", limit: 1_100, period: "day" }] };
  await using gateway = await startTestGateway({ AUDIT_FILE: file.path, CONFIG_FILE: configFile({ routes, budgets }) });
  const { max_tokens: _, ...endless } = { ...hello, stream: true };
  const cut = await gateway.post(path, endless);
  assert.match(await cut.text(), /insufficient_quota/);
  await eventually(() => recordsOf(file.path).length === 1, "it is recorded");
  assert.equal(recordsOf(file.path)[0]?.["budget_end"], "cut");
  await gateway.gateway.budgets.reset("daily", "key:default");
  const left = await gateway.post(path, endless);
  await left.body?.cancel();
  await eventually(() => recordsOf(file.path).length === 2, "it is recorded");
  const { outcome, decision, usage } = recordsOf(file.path)[1] ?? {};
  assert.deepEqual([outcome, decision, usage], ["client-left", "admitted", "estimated"]);
});

test("calls are refused while they cannot be recorded, if the operator wants that", async (t) => {
  using file = temporaryFile("audit.log");
  await using provider = await startFakeProvider();
  const routes = [{ path, upstream: [provider.url], ai: "openai-chat" }];
  const env = {
    AUDIT_FILE: file.path,
    CONFIG_FILE: configFile({ routes }),
    API_KEY: apiKey,
    GATEWAY_PORT: "0",
    HEALTH_CHECK_INTERVAL: "0",
  };
  // A few lines fill a file. The next one cannot begin while a folder has the name that the full one gets.
  const audit = auditLog({ path: file.path, maxBytes: 1_024, onFailure: "refuse" });
  t.after(() => audit.close());
  const blocked = `${file.path}.000000000001`;
  mkdirSync(join(blocked, "in the way"), { recursive: true });
  const lines: string[] = [];
  const log = (_fields: object, message: string): void => void lines.push(message);
  const started = await startGateway(loadConfig({ env }), {
    audit,
    logger: { debug: log, info: log, warn: log, error: log },
  });
  t.after(() => started.close());
  const { url, gateway } = started;
  const call = async (): Promise<readonly [number, unknown]> => {
    const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
    const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(hello) });
    return [response.status, ((await response.json()) as AuditRecord)["type"]];
  };
  const refused = await eventually(async () => {
    const [status, type] = await call();
    return status === 503 ? type : undefined;
  }, "calls are refused");
  assert.match(String(refused), /audit-unavailable/);
  assert.equal((await fetch(`${url}/livez`)).status, 200);
  assert.match(await gateway.registry.metrics(), /^gateway_audit_up 0$/m);
  rmdirSync(join(blocked, "in the way"));
  rmdirSync(blocked);
  await eventually(async () => (await call())[0] === 200, "calls are recorded again");
  assert.match(await gateway.registry.metrics(), /^gateway_audit_up 1$/m);
  assert.deepEqual(
    lines.filter((line) => line.startsWith("audit log")),
    ["audit log cannot be written", "audit log is back"],
  );
});

test("workers write one chain, and all calls are in it when they have drained", async () => {
  using file = temporaryFile("audit.log");
  await using provider = await startFakeProvider();
  const config = configFile({ routes: [{ path, upstream: [provider.url], ai: "openai-chat" }] });
  {
    await using gateway = await startGatewayProcess({ config, env: { WORKERS: "2", AUDIT_FILE: file.path } });
    const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json", connection: "close" };
    const one = async (): Promise<number> => {
      const response = await fetch(gateway.url + path, { method: "POST", headers, body: JSON.stringify(hello) });
      await response.text();
      return response.status;
    };
    const statuses = await Promise.all(Array.from({ length: 40 }, one));
    assert.deepEqual([...new Set(statuses)], [200]);
    gateway.child.kill("SIGTERM");
    assert.equal(await gateway.ended, 0);
  }
  assert.equal(recordsOf(file.path).length, 40);
  assert.match((await cli(["audit", "verify", file.path])).stdout, /^valid: 40 valid lines/);
});

test("settings that cannot work are refused with their remedy", () => {
  const problemsOf = (env: Record<string, string>): string => {
    try {
      loadConfig({ env });
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  for (const name of ["audit.log", "audit.202611292054", "audit.2026112920540", "202611292054", "a.head", "a.lock", "a.head.log"]) {
    const problems = problemsOf({ AUDIT_FILE: join(tmpdir(), name) });
    if (isAuditLogPath(name)) assert.doesNotMatch(problems, /AUDIT_FILE/);
    else assert.match(problems, /AUDIT_FILE .*: the audit log names other files so: choose a name such as audit\.log/);
  }
  assert.match(problemsOf({ AUDIT_FILE: "/nowhere/audit.log" }), /AUDIT_FILE \/nowhere\/audit.log: there is no folder \/nowhere/);
  assert.match(problemsOf({ AUDIT_KEY: key }), /AUDIT_KEY is set without AUDIT_FILE/);
  assert.match(problemsOf({ AUDIT_ON_FAILURE: "stop" }), /AUDIT_ON_FAILURE must be one of refuse, continue/);
});
