import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually } from "@aivillage/testing";

import { configFile, problemsOf } from "./config-support.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const attack = "x' or 1=1 -- ";
const markup = "Print this.\n\n<iframe src=/a></iframe>";

const started = (document: object, env: Record<string, string> = {}): Promise<TestGateway> =>
  startTestGateway({ CONFIG_FILE: configFile(document), ...env });
const ask = async (gateway: TestGateway, query: string): Promise<number> => (await gateway.post("/v1/query", { query })).status;

/** The line of the only request that has ended. */
const accessLine = async (gateway: TestGateway): Promise<Record<string, unknown>> =>
  (await eventually(() => gateway.log.find(({ message }) => message === "request completed"), "an access line")) ?? {};
const rulesIn = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

describe("the mode of the screening", () => {
  test("flag lets everything pass, and the log and the metrics say what was found", async () => {
    await using gateway = await startTestGateway({ SCREENING_MODE: "flag" });
    assert.equal(await ask(gateway, attack), 200);
    const line = await accessLine(gateway);
    assert.ok(rulesIn(line["input_flagged"]).includes("sqli/condition"));
    assert.equal(line["input_refused"], undefined);
    assert.equal(gateway.log.find(({ message }) => message === "input flagged")?.level, "info");
    assert.match(await gateway.gateway.registry.metrics(), /gateway_screening_findings_total\{outcome="flagged",class="sqli"[^}]*\} 1\n/);
    const form = new FormData();
    form.append("title", attack);
    form.append("file", new Blob(["hello"], { type: "text/plain" }), "a.txt");
    const upload = await fetch(`${gateway.url}/v1/upload`, { method: "POST", headers: gateway.authorization, body: form });
    assert.equal(upload.status, 200);
  });

  test("block refuses, and the access log and the metrics name rule and class", async () => {
    await using gateway = await startTestGateway();
    assert.equal(await ask(gateway, attack), 422);
    const line = await accessLine(gateway);
    assert.ok(rulesIn(line["input_refused"]).includes("sqli/condition"));
    assert.match(await gateway.gateway.registry.metrics(), /gateway_screening_findings_total\{outcome="refused",class="sqli"[^}]*\} 1\n/);
  });

  test("can be that of one route, built in or not", async () => {
    const route = {
      path: "/v1/notes",
      methods: ["POST"],
      upstream: ["http://127.0.0.1:1"],
      body: { type: "object", properties: { text: { type: "string", screen: "prose" } } },
    };
    await using gateway = await started({ routes: [{ path: "/v1/query", screening: { mode: "flag" } }, route] });
    assert.equal(await ask(gateway, attack), 200);
    assert.equal((await gateway.post("/v1/chat", { message: attack })).status, 422);
    assert.equal((await gateway.post("/v1/notes", { text: attack })).status, 422);
    await using other = await started({ screening: { mode: "flag" }, routes: [{ path: "/v1/query", screening: { mode: "block" } }] });
    assert.equal(await ask(other, attack), 422);
    assert.equal((await other.post("/v1/chat", { message: attack })).status, 200);
  });
});

test("a rule is excluded everywhere, in a field, or on a route", async () => {
  const chat = async (gateway: TestGateway): Promise<number> =>
    (await gateway.post("/v1/chat", { messages: [{ role: "user", content: markup }] })).status;
  const statuses = async (exclusion: object): Promise<number[]> => {
    await using gateway = await started({ screening: { exclude: [exclusion] } });
    return [await ask(gateway, markup), await chat(gateway)];
  };
  assert.deepEqual(await statuses({ rule: "sqli/*" }), [422, 422]);
  assert.deepEqual(await statuses({ rule: "xss/active-element" }), [200, 200]);
  assert.deepEqual(await statuses({ rule: "xss/*", field: "#/messages/*/content" }), [422, 200]);
  assert.deepEqual(await statuses({ rule: "xss/*", route: "/v1/query" }), [200, 422]);
  assert.deepEqual(await statuses({ rule: "xss/*", field: "#/query", route: "/v1/chat" }), [422, 422]);
});

describe("settings that would exclude nothing are refused with the nearest name", () => {
  const wrong: readonly [document: object, expected: RegExp][] = [
    [{ screening: { mode: "warn" } }, /^`screening.mode` must be one of block, flag, got "warn"$/],
    [
      { screening: { exclude: [{ rule: "sqli/condtion" }] } },
      /^`screening.exclude`\[0\].rule must be .*\(did you mean sqli\/condition\?\)$/,
    ],
    [
      { screening: { exclude: [{ rule: "xss/*" }, { rule: "xss/*", field: "/query" }] } },
      /^`screening.exclude`\[1\].field must be a JSON pointer/,
    ],
    [
      { screening: { exclude: [{ rule: "xss/*", route: "/v1/qurey" }] } },
      /^`screening.exclude`\[0\].route \/v1\/qurey is not the path of a route: did you mean \/v1\/query\?$/,
    ],
    [{ screening: { exclude: [{ rules: "xss/*" }] } }, /^`screening\.exclude`\[0\] `rules` is unknown: did you mean `rule`\?$/],
    [{ screening: { modes: "flag" } }, /did you mean `screening.mode`\?$/],
    [
      { routes: [{ path: "/v1/query", screening: { mode: "off" } }] },
      /^`routes`\[0\] \/v1\/query `screening\.mode` must be one of block, flag$/,
    ],
    [
      { routes: [{ path: "/v1/a", methods: ["POST"], upstream: ["http://a:1"], body: "stream", screening: { mode: "flag" } }] },
      /has `screening`, but `body: stream` passes unchecked/,
    ],
  ];
  for (const [document, expected] of wrong) {
    test(JSON.stringify(document), () => assert.match(problemsOf({ env: {}, file: configFile(document) }).join("\n"), expected));
  }

  test("of the variable too", () => {
    assert.match(problemsOf({ env: { SCREENING_MODE: "warn" } }).join("\n"), /^SCREENING_MODE must be one of block, flag, got "warn"$/);
  });
});
