import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, startDownstream } from "@aivillage/testing";

import { configFile } from "./config-support.ts";
import { keysFolder } from "./keys-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

/** JSON of more than 64 KiB, of which half of the memory below holds one. */
const note = { text: "an ordinary sentence. ".repeat(4_000) };
const notes = (upstream: string): string =>
  configFile({ routes: [{ path: "/notes", methods: ["POST"], upstream: [upstream], body: { type: "object" } }] });

test("a key whose bodies take half of MAX_BODY_MEMORY waits, and another key is served", async () => {
  using keys = keysFolder();
  const { key } = await keys.create("ben");
  await using service = await startDownstream({ hang: true });
  const env = { MAX_BODY_MEMORY: "200000", MAX_BODY_BYTES: "150000", API_KEYS_FILE: keys.path, CONFIG_FILE: notes(service.url) };
  await using gateway = await startTestGateway(env);
  const leave = new AbortController();
  const { authorization } = gateway.authorization;
  const held = fetch(`${gateway.url}/notes`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify(note),
    signal: leave.signal,
  });
  await eventually(() => service.received.length === 1, "the first is with the service");
  service.script = {};

  const second = await gateway.post("/notes", note);
  assert.deepEqual([second.status, second.headers.get("retry-after")], [429, "1"]);
  assert.match(((await second.json()) as { detail: string }).detail, /The bodies of your requests in progress/);
  const line = gateway.log.find(({ message }) => message === "bodies take too much memory");
  assert.deepEqual([line?.["client"], line?.["of"]], ["key:default", "client"]);
  assert.match(await gateway.gateway.registry.metrics(), /gateway_body_memory_refusals_total\{of="client"\} 1/);

  assert.equal((await gateway.post("/notes", { text: "short" })).status, 200, "short bodies are not counted");
  assert.equal((await gateway.post("/notes", note, { authorization: `Bearer ${key}` })).status, 200, "another key");
  leave.abort();
  await assert.rejects(held);
  await eventually(async () => (await gateway.post("/notes", note)).status === 200, "its memory is free again");
});

test("MAX_BODY_MEMORY=0 limits nothing", async () => {
  await using service = await startDownstream();
  await using gateway = await startTestGateway({ MAX_BODY_MEMORY: "0", MAX_BODY_BYTES: "150000", CONFIG_FILE: notes(service.url) });
  const responses = await Promise.all([1, 2, 3].map(() => gateway.post("/notes", note)));
  assert.deepEqual(
    responses.map(({ status }) => status),
    [200, 200, 200],
  );
});
