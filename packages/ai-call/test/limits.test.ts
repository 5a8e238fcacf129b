import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";

import { eventually, forEachHost } from "@aivillage/testing";

import { aiCall } from "../src/index.ts";
import { post, serveCalls } from "./app.ts";

forEachHost((host) => {
  test("a call without a limit of output gets that of the route, and one with more is refused", async (t) => {
    const app = await serveCalls(t, host, { dialect: "openai-chat", maxOutputTokens: 100, askUsage: false }, (res) => void res.end());
    const refused = await post(app.url, { messages: [], max_tokens: 101 });
    assert.equal(refused.status, 422);
    assert.equal(((await refused.json()) as { error: { param: string } }).error.param, "max_tokens");
    assert.equal((await post(app.url, { messages: [], max_tokens: 1, max_completion_tokens: 101 })).status, 422);
    for (const n_predict of [101, -1]) assert.equal((await post(app.url, { messages: [], max_tokens: 1, n_predict })).status, 422);
    assert.equal((await post(app.url, { messages: [], max_tokens: 100 })).status, 200);
    assert.equal((await post(app.url, "{}")).status, 200);
    assert.equal((await post(app.url, { messages: [] })).status, 200);
    assert.deepEqual(app.bodies, [
      '{"messages":[],"max_tokens":100}',
      '{"max_completion_tokens":100}',
      '{"messages":[],"max_completion_tokens":100}',
    ]);
    assert.equal(app.ended.at(-1)?.call.maxOutputTokens, 100);
  });

  test("a call may ask for no output where the API knows such calls, and holds none", async (t) => {
    const options = { models: ["made-up"], maxOutputTokens: 100 };
    const anthropic = await serveCalls(t, host, { ...options, dialect: "anthropic-messages" }, (res) => void res.end());
    const body = { model: "made-up", max_tokens: 0, messages: [] };
    assert.equal((await post(anthropic.url, body)).status, 200);
    assert.deepEqual(anthropic.bodies, [JSON.stringify(body)]);
    assert.equal(anthropic.ended[0]?.call.maxOutputTokens, 0);
    assert.equal((await post(anthropic.url, { ...body, max_tokens: -1 })).status, 422);
    const openai = await serveCalls(t, host, { ...options, dialect: "openai-chat" }, (res) => void res.end());
    assert.equal((await post(openai.url, body)).status, 422);
  });

  test("a limit that is null is replaced, so that no member is there twice", async (t) => {
    for (const [dialect, name] of [
      ["openai-chat", "max_completion_tokens"],
      ["openai-responses", "max_output_tokens"],
      ["anthropic-messages", "max_tokens"],
      ["village-chat", "max_tokens"],
    ] as const) {
      const app = await serveCalls(t, host, { dialect, maxOutputTokens: 100 }, (res) => void res.end());
      await post(app.url, `{"stream":true, "${name}" : null ,"stream_options":null}`);
      const usage = dialect === "openai-chat" ? '{"include_usage":true}' : "null";
      assert.deepEqual(app.bodies, [`{"stream":true, "${name}" : 100 ,"stream_options":${usage}}`]);
      await post(app.url, `{"stream_options":null,"${name}":null,"stream":true}`);
      assert.equal(app.bodies[1], `{"stream_options":${usage},"${name}":100,"stream":true}`);
    }
  });

  test("a limit is written to the member that the backend reads, whatever the client has called it", async (t) => {
    const options = { dialect: "openai-chat", limitMember: "max_tokens", askUsage: false } as const;
    const limited = await serveCalls(t, host, { ...options, maxOutputTokens: 100 }, (res) => void res.end());
    const free = await serveCalls(t, host, options, (res) => void res.end());
    for (const [app, sent, passed] of [
      [limited, '{"n":1}', '{"n":1,"max_tokens":100}'],
      [limited, '{"max_completion_tokens":5}', '{"max_completion_tokens":5,"max_tokens":5}'],
      [limited, '{"max_tokens":null,"max_completion_tokens":5}', '{"max_tokens":5,"max_completion_tokens":5}'],
      [limited, '{"max_tokens":7}', '{"max_tokens":7}'],
      [free, '{"n":1}', '{"n":1}'],
      [free, '{"n_predict":5}', '{"n_predict":5,"max_tokens":5}'],
    ] as const) {
      assert.equal((await post(app.url, sent)).status, 200);
      assert.equal(app.bodies.pop(), passed);
    }
    assert.equal((await post(limited.url, '{"max_completion_tokens":101}')).status, 422);
  });

  test("the choices of a call share the limit, whatever their number is called", async (t) => {
    const app = await serveCalls(t, host, { dialect: "openai-chat", maxOutputTokens: 100, askUsage: false }, (res) => void res.end());
    for (const [body, param] of [
      [{ max_tokens: 34, n_cmpl: 3, n: 1 }, "max_tokens"],
      [{ max_tokens: 34, n: 3 }, "max_tokens"],
      [{ max_tokens: 51, best_of: 2, n: 1 }, "max_tokens"],
      [{ max_completion_tokens: 51, candidate_count: 2 }, "max_completion_tokens"],
      [{ n: 101 }, "n"],
    ] as const) {
      const refused = await post(app.url, body);
      assert.equal(refused.status, 422, JSON.stringify(body));
      const { error } = (await refused.json()) as { error: { param: string; message: string } };
      assert.equal(error.param, param);
      assert.match(error.message, /for all \d+ choices together/);
    }
    assert.equal((await post(app.url, { max_tokens: 33, n: 3 })).status, 200);
    assert.equal((await post(app.url, { n: 3 })).status, 200);
    assert.deepEqual(app.bodies, ['{"max_tokens":33,"n":3}', '{"n":3,"max_completion_tokens":33}']);
  });

  for (const [name, body] of [
    ["no JSON", "{"],
    ["an array", "[]"],
    ["something after its end", "{} {}"],
    ["a member twice", '{"model":"a","\\u006dodel":"b"}'],
    ["a member that a backend may read as another in another case", '{"model":"a","Model":"b"}'],
    ["the same with a letter that folds to ASCII", '{"model":"a","\\u017ftream":true}'],
    ["a model that is a number", '{"model":1}'],
    ["a negative limit", '{"max_tokens":-1}'],
    ["a limit that is a text", '{"max_tokens":"5"}'],
    ["a number that is none", '{"n":01}'],
    ["a missing comma", '{"model":"a" "n":1}'],
    ["stray commas", '{"model":"a",}'],
    ["200 levels", `{"messages":${"[".repeat(200)}${"]".repeat(200)}}`],
    ["a million values and one more", `{"messages":[${"0,".repeat(1_000_000)}0]}`],
    ["a million lists", `{"messages":[${"[],".repeat(1_000_000)}0]}`],
    ["a million values in what is not read", `{"metadata":[${"[],".repeat(1_000_000)}0]}`],
    ["a thousand members and one more", `{${Array.from({ length: 1_001 }, (_, at) => `"m${at}":0`).join(",")}}`],
  ] as const) {
    test(`a body with ${name} is refused`, async (t) => {
      const app = await serveCalls(t, host, { dialect: "openai-chat" }, (res) => void res.end());
      const response = await post(app.url, body);
      const problem = (await response.json()) as { type: string; detail: string };
      assert.equal(response.status, 422, problem.detail);
      assert.match(problem.type, /unreadable-ai-call/);
      assert.deepEqual(app.bodies, []);
    });
  }

  test("a body that is not UTF-8, and one that is compressed, are refused", async (t) => {
    const app = await serveCalls(t, host, { dialect: "openai-chat" }, (res) => void res.end());
    const send = (body: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => fetch(app.url, { method: "POST", headers, body });
    assert.equal((await send(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).status, 422);
    const compressed = await send(new Uint8Array([1]), { "content-encoding": "gzip" });
    assert.equal(compressed.status, 415);
    assert.equal(compressed.headers.get("accept-encoding"), "identity");
  });

  test("a body that a backend may read in another form or by another charset is refused, before it is read", async (t) => {
    const app = await serveCalls(t, host, { dialect: "openai-chat", models: ["small"] }, (res) => void res.end());
    // Read as UTF-7, the quotes end the text, and the model is another one.
    const body = '{"model":"small","messages":[],"user":"+ACI-,+ACI-model+ACI-:+ACI-large"}';
    const send = (type: string) => fetch(app.url, { method: "POST", headers: { "content-type": type }, body });
    const types = [
      "application/json; charset=utf-7",
      "application/json;charset=utf-8;charset=utf-7",
      "application/json; Charset*=utf-7",
      'text/plain; x="a;charset="utf-16',
      "Application/X-WWW-Form-URLencoded",
      "multipart/form-data; boundary=x",
    ];
    for (const type of types) {
      const refused = await send(type);
      const { error } = (await refused.json()) as { error: { code: string } };
      assert.deepEqual([refused.status, error.code], [415, "unsupported-media-type"], type);
      assert.equal(refused.headers.get("accept"), "application/json");
    }
    assert.deepEqual(app.bodies, []);
    for (const type of ["application/json", 'Application/JSON; charset="UTF-8"', "text/plain;charset=UTF-8", "application/vnd.api+json"]) {
      assert.equal((await send(type)).status, 200, type);
    }
  });

  test("a body that is too long is refused as soon as it is, with and without its length", async (t) => {
    const app = await serveCalls(t, host, { dialect: "openai-chat", bodyBytes: 1_000 }, (res) => void res.end());
    assert.equal((await post(app.url, { messages: "x".repeat(1_000) })).status, 413);
    const stream = new Blob(["{", " ".repeat(2_000)]).stream();
    const init = { method: "POST", body: stream, duplex: "half" } as const;
    assert.equal((await fetch(app.url, init)).status, 413);
    assert.deepEqual(app.bodies, []);
  });

  test("a client that leaves within its body makes no call", async (t) => {
    const app = await serveCalls(t, host, { dialect: "openai-chat" }, (res) => void res.end());
    const socket = connect(Number(new URL(app.url).port), "127.0.0.1");
    socket.end('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n{"model":');
    socket.resume();
    await eventually(() => socket.destroyed, "the connection closed");
    assert.equal((await post(app.url, {})).status, 200);
    assert.equal(app.bodies.length, 1);
  });
});

test("a member for the limit that the dialect does not have is an error when the app starts", () => {
  const start = (dialect: "openai-chat" | "openai-embeddings") => () => aiCall({ dialect, limitMember: "max_token" });
  assert.throws(start("openai-chat"), /limitMember.*one of "max_completion_tokens", "max_tokens", "n_predict"/);
  assert.throws(start("openai-embeddings"), /limitMember.*no limit of output/);
});
