import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { forEachHost, rawRequest } from "@aivillage/testing";
import * as fc from "fast-check";

import { inputFlagged, type InputRefused, inputRefused, sanitizeInput } from "../src/index.ts";
import { anything, asJson, assertProblem, attach, echoInput, post, postTo, send, serve } from "./problem-app.ts";

const membersBefore = Reflect.ownKeys(Object.prototype);
afterEach(() => assert.deepEqual(Reflect.ownKeys(Object.prototype), membersBefore));

const forbidden = [
  "__proto__",
  "constructor.prototype",
  "a[__proto__]",
  "a.__proto__.b",
  "$where",
  "$ne",
  "a.$gt",
  "a[$regex]",
  "__proto__.x",
];
const wrap = (key: string, depth: number): string =>
  `${'{"a":['.repeat(depth)}{${JSON.stringify(key)}:{"polluted":1}}${"]}".repeat(depth)}`;

forEachHost((host) => {
  test("a forbidden key in JSON is a 400 at any depth", async () => {
    await using app = await host.serve([sanitizeInput({ body: anything, screening: false }), echoInput], asJson);
    for (const key of forbidden) {
      for (const depth of [0, 1, 12]) {
        const init = { method: "POST", body: wrap(key, depth), headers: { "Content-Type": "application/json" } };
        const response = await fetch(app.url, init);
        assert.equal(response.status, 400, `${key} at depth ${depth}`);
        assert.match(await response.text(), /"type":"forbidden-key"/);
      }
    }
  });

  test("operators pass where the schema only flags, and are reported; keys that change prototypes never pass", async () => {
    const body = {
      type: "object",
      properties: {
        messages: { type: "array", screen: { conversation: "model" } },
        tools: { type: "array", screen: { flag: "model" } },
        secret: { type: ["string", "object"], screen: { off: "opaque" } },
      },
    };
    await using app = await host.serve([sanitizeInput({ body }), echoInput], asJson);
    const flagged: InputRefused[] = [];
    const stop = inputFlagged.subscribe((message) => flagged.push(message));
    const call = (input: string): string =>
      `[{"role":"user","content":"Find them"},{"role":"assistant","content":[{"type":"tool_use","input":${input}}]},{"role":"user","content":"Go on"}]`;
    try {
      const find = await postTo(
        app,
        `{"messages":${call('{"filter":{"age":{"$gt":5},"$or":[]}}')},"tools":[{"properties":{"$where":{}}}]}`,
      );
      assert.deepEqual(
        find.json.findings?.map(({ rule, outcome, pointer }) => [rule, outcome, pointer]),
        ["#/messages/1/content/0/input/filter/age/$gt", "#/messages/1/content/0/input/filter/$or", "#/tools/0/properties/$where"].map(
          (at) => ["forbidden-key", "flag", at],
        ),
      );
      assert.deepEqual([flagged.length, flagged[0]?.isCertain], [1, false]);
    } finally {
      stop();
    }
    for (const text of [
      `{"messages":${call('{"__proto__":{"polluted":1}}')}}`,
      `{"messages":${call('{"constructor":{"prototype":1}}')}}`,
      '{"messages":[{"role":"user","content":{"$gt":""}}]}',
      '{"secret":{"$ne":""}}',
      '{"messages":[],"$where":"1"}',
    ]) {
      assertProblem(await postTo(app, text), 400, "forbidden-key");
    }
  });

  test("every letter of a key may be escaped", async () => {
    const escaped = Array.from("__proto__", (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
    const response = await post(host, { body: anything }, `{"${escaped}":{"polluted":1}}`);
    assertProblem(response, 400, "forbidden-key");
    assert.deepEqual(response.json.errors, [{ detail: "this key is not allowed", pointer: "#/__proto__" }]);
  });

  test("constructor with prototype is refused as two keys too, either alone is not", async () => {
    assertProblem(await post(host, { body: anything }, '{"constructor":{"prototype":{"polluted":1}}}'), 400, "forbidden-key");
    assertProblem(await post(host, { body: anything }, '[{"constructor":{"x":1,"prototype":1}}]'), 400, "forbidden-key");
    assert.equal((await post(host, { body: anything }, '{"constructor":{"name":"x"},"prototype":[1]}')).status, 200);
  });

  test("a forbidden key in the query string is a 400, whatever brackets and escapes it comes in", async () => {
    for (const key of forbidden) {
      const response = await send(host, {}, `/?x=1&${encodeURIComponent(key)}=1`);
      assertProblem(response, 400, "forbidden-key");
      assert.deepEqual(response.json.errors, [{ detail: "this key is not allowed", parameter: key }]);
    }
    assertProblem(await send(host, {}, "/?%5f_proto%5f_=1"), 400, "forbidden-key");
  });

  test("a forbidden header name is a 400, also without a schema of the headers, and is reported like an attack", async () => {
    await using app = await host.serve([sanitizeInput(), echoInput], asJson);
    const told: InputRefused[] = [];
    const stop = inputRefused.subscribe((message) => told.push(message));
    const names = ["__proto__", "X-__PROTO__", "constructor.prototype", "$where", "x.$ne"];
    try {
      for (const name of names) {
        const response = await rawRequest(app.port, `GET / HTTP/1.1\r\nHost: x\r\n${name}: polluted\r\nConnection: close\r\n\r\n`);
        assert.match(response, /^HTTP\/1\.1 400 /, name);
        assert.match(response, /"type":"forbidden-key".*"header":/);
        assert.ok(!response.includes("polluted"));
      }
    } finally {
      stop();
    }
    assert.deepEqual(
      [...new Set(told.map(({ location, findings }) => `${location} ${findings[0]?.class}/${findings[0]?.rule}`))],
      ["headers pollution/forbidden-key"],
    );
    assert.equal(told.length, names.length);
  });

  test("header names that only look a little like it pass", async () => {
    await using app = await host.serve([sanitizeInput(), echoInput], asJson);
    const harmless = "x_request_id: 1\r\nX.Version: 2\r\nproto: h2\r\nconstructor: Ferrari\r\nprototype: F1\r\nx-us$: 3\r\n";
    assert.match(await rawRequest(app.port, `GET / HTTP/1.1\r\nHost: x\r\n${harmless}Connection: close\r\n\r\n`), /^HTTP\/1\.1 200 /);
  });

  test("path parameters are no way in either", async () => {
    const params = { type: "object" };
    for (const given of [JSON.parse('{"__proto__":"1"}') as object, { $where: "1" }]) {
      await using app = await host.serve([attach({ routed: given }), sanitizeInput({ params, paramsOf: routed }), echoInput], asJson);
      assert.equal((await fetch(app.url)).status, 400);
    }
  });
});

function routed(req: object): Record<string, unknown> | undefined {
  return "routed" in req ? (req.routed as Record<string, unknown>) : undefined;
}

test("whatever keys come, nobody gains a member that was not sent", async () => {
  await using app = await serve({ body: anything, screening: false });
  const key = fc.oneof(fc.constantFrom(...forbidden, "constructor", "prototype", "toString", "valueOf"), fc.string({ maxLength: 6 }));
  const document = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, fc.boolean(), fc.integer(), fc.array(tie("value"), { maxLength: 3 }), tie("object")),
    object: fc.array(fc.tuple(key, tie("value")), { maxLength: 4 }).map((entries) => ({ entries })),
  }));
  await fc.assert(
    fc.asyncProperty(document.value, async (value) => {
      const text = write(value);
      const { status, json } = await postTo(app, text);
      if (status === 200) assert.deepEqual(json.body, JSON.parse(text));
      else assert.match(json.type ?? "", /^(?:forbidden-key|malformed-json|malformed-input)$/);
      assert.equal(Reflect.get({}, "polluted"), undefined);
    }),
    { numRuns: 100 },
  );
});

/** JSON of a generated value, objects from lists of entries, so that any key comes as it is and maybe twice. */
function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const { entries } = value as { entries: readonly [string, unknown][] };
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${write(member)}`).join(",")}}`;
}
