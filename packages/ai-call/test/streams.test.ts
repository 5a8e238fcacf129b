import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { test } from "node:test";

import { eventually, forEachHost } from "@aivillage/testing";
import { createParser } from "eventsource-parser";
import { array, assert as assertProperty, constantFrom, nat, oneof, property, string, tuple } from "fast-check";

import { dialects, TokenEstimate } from "../src/index.ts";
import { EventFrames } from "../src/response/stream/event-frames.ts";
import { StreamMeter } from "../src/response/stream/stream-meter.ts";
import { UsageRecord } from "../src/response/usage-record.ts";
import { post, serveCalls } from "./app.ts";
import { captures } from "./captures.ts";

const [stream] = captures;
const chat = dialects.get("openai-chat");
assert.ok(stream && chat);
/** How many events it has without that of its usage. */
const eventCount = (stream.body.match(/data: /g)?.length ?? 0) - 1;
const asked = {
  dialect: "openai-chat",
  model: "m",
  otherModels: [],
  stream: true,
  choices: 1,
  background: false,
  maxOutputTokens: undefined,
  estimatedInputTokens: 1,
  media: 0,
  tools: 0,
};

forEachHost((host) => {
  test("usage is asked for in the client's place, and the client gets what it would have got without", async (t) => {
    const app = await serveCalls(t, host, { dialect: "openai-chat" }, (res) => {
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      // In chunks that end within events, lines and characters.
      for (let at = 0; at < stream.body.length; at += 7) res.write(stream.body.slice(at, at + 7));
      res.end();
    });
    const response = await post(app.url, { model: "made-up", stream: true, messages: [] });
    const text = await response.text();
    assert.equal(app.bodies[0], '{"model":"made-up","stream":true,"messages":[],"stream_options":{"include_usage":true}}');
    assert.doesNotMatch(text, /usage/);
    assert.equal(text.match(/data: /g)?.length, eventCount);
    assert.match(text, /data: \[DONE\]\n\n$/);
    await eventually(() => app.ended[0]?.usage.source === "reported" && app.ended[0].usage.output === stream.usage.output, "the usage", {
      state: () => app.ended[0]?.usage,
    });
  });

  for (const [how, head] of [
    ["an object", { "Content-Type": "text/event-stream", "Content-Length": Buffer.byteLength(stream.body), "Set-Cookie": ["a=1", "b=2"] }],
    [
      "a list",
      [
        "Content-Type",
        "text/event-stream",
        "content-length",
        String(Buffer.byteLength(stream.body)),
        "Set-Cookie",
        "a=1",
        "Set-Cookie",
        "b=2",
      ],
    ],
    ["set before", undefined],
  ] as const) {
    test(`a stream with a length, given as ${how}, reaches the client in full without what it did not ask for`, async (t) => {
      const app = await serveCalls(t, host, { dialect: "openai-chat" }, (res) => {
        if (head === undefined) {
          res.setHeader("Content-Length", Buffer.byteLength(stream.body));
          res.setHeader("Content-Type", "text/event-stream");
          res.setHeader("Set-Cookie", ["a=1", "b=2"]);
        } else res.writeHead(200, head as never);
        res.end(stream.body);
      });
      const response = await post(app.url, { stream: true, messages: [] });
      assert.match(await response.text(), /data: \[DONE\]\n\n$/);
      assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
    });
  }

  for (const type of ["text/event-stream", "application/json"] as const) {
    test(`a handler may use the memory of a chunk again once it is written: ${type}`, async (t) => {
      const { body, usage } = captures.find((one) => one.dialect === "openai-chat" && one.type === type) ?? stream;
      const bytes = Buffer.from(body);
      const app = await serveCalls(t, host, { dialect: "openai-chat" }, (res) => {
        res.writeHead(200, { "Content-Type": type });
        const memory = Buffer.alloc(20);
        const writeFrom = (at: number): void => {
          const length = bytes.copy(memory, 0, at);
          if (length === 0) res.end();
          else res.write(memory.subarray(0, length), () => writeFrom(at + length));
        };
        writeFrom(0);
      });
      await (await post(app.url, { stream: true, messages: [] })).text();
      const call = await eventually(() => app.ended[0], "the call ended");
      assert.deepEqual({ ...call?.usage, ...usage }, call?.usage);
    });
  }

  test("a client's other stream options stay", async (t) => {
    const app = await serveCalls(t, host, { dialect: "openai-chat" }, (res) => void res.end());
    await post(app.url, { stream: true, stream_options: { include_usage: false, x: 1 }, messages: [] });
    assert.equal(app.bodies[0], '{"stream":true,"stream_options":{"include_usage":true,"x":1},"messages":[]}');
  });

  test("a stream that breaks, and one whose client leaves, are charged by what has come", async (t) => {
    const words = "The quick brown fox jumps over the lazy dog. ".repeat(20);
    const app = await serveCalls(t, host, { dialect: "anthropic-messages" }, (res, req) => {
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      const start = { type: "message_start", message: { usage: { input_tokens: 40, output_tokens: 1 } } };
      const delta = { type: "content_block_delta", delta: { type: "text_delta", text: words } };
      res.write(`event: message_start\ndata: ${JSON.stringify(start)}\n\nevent: content_block_delta\ndata: ${JSON.stringify(delta)}\n\n`);
      if (req.headers["x-break"] !== undefined) setImmediate(() => res.destroy());
    });
    for (const [outcome, headers] of [
      ["failed", { "x-break": "1" }],
      ["client-left", {}],
    ] as const) {
      app.ended.length = 0;
      const call = request(app.url, { method: "POST", headers: { "content-type": "application/json", ...headers } });
      call.on("error", () => {});
      call.end('{"max_tokens":9,"stream":true,"messages":[]}');
      const [response] = (await once(call, "response")) as [IncomingMessage];
      response.on("error", () => {});
      await once(response, "data");
      if (outcome === "client-left") call.destroy();
      const ended = await eventually(() => app.ended[0], `the call ended: ${outcome}`);
      assert.ok(ended);
      assert.equal(ended.outcome, outcome);
      assert.equal(ended.usage.source, "estimated");
      assert.equal(ended.usage.input, 40);
      // 201 by the o200k vocabulary.
      assert.ok(ended.usage.output >= 201 && ended.usage.output <= 281, String(ended.usage.output));
      assert.ok(ended.usage.firstTokenMs !== undefined);
    }
  });

  test("an error within a stream is a failed call, and a refusal of the backend used no tokens", async (t) => {
    const app = await serveCalls(t, host, { dialect: "anthropic-messages" }, (res, req) => {
      if (req.headers["x-refuse"] === undefined) {
        res.writeHead(200, { "Content-Type": "text/event-stream" });
        res.end('event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n');
      } else {
        res.writeHead(529, { "Content-Type": "application/json" });
        res.end('{"type":"error"}');
      }
    });
    await (await post(app.url, { max_tokens: 1, stream: true })).text();
    await (await fetch(app.url, { method: "POST", headers: { "x-refuse": "1" }, body: '{"messages":["some text"]}' })).text();
    await eventually(() => app.ended.length === 2, "both calls ended");
    assert.deepEqual(
      app.ended.map(({ outcome, status }) => [outcome, status]),
      [
        ["failed", 200],
        ["failed", 529],
      ],
    );
    assert.deepEqual([app.ended[1]?.usage.input, app.ended[1]?.usage.output], [0, 0]);
  });
});

test("events are the ones that another parser finds, however lines end and bytes are cut", () => {
  const text = string({ unit: constantFrom("a", " ", ":", "é", "😀", "data", "{"), maxLength: 12 });
  const line = oneof(
    text.map((value) => `data: ${value}`),
    text.map((value) => `data:${value}`),
    constantFrom("event: x", ": comment", "id: 1", "retry: 10", "", "", "other"),
  );
  const body = array(tuple(line, constantFrom("\n", "\r\n", "\r")), { maxLength: 40 }).map(
    (lines) => `${lines.map((parts) => parts.join("")).join("")}\n\n\n`,
  );
  assertProperty(
    property(body, array(nat(30), { minLength: 1, maxLength: 20 }), (source, cuts) => {
      const expected: string[] = [];
      const parser = createParser({ onEvent: ({ data }) => void expected.push(data) });
      parser.feed(source);
      const found: string[] = [];
      const raw: Buffer[] = [];
      const passed: Buffer[] = [];
      const frames = new EventFrames(1_000_000, (event) => {
        raw.push(event.bytes.subarray(event.start, event.end));
        const data = event.data.toString("utf8", event.dataStart, event.dataEnd);
        if (data !== "") found.push(data);
      });
      const bytes = Buffer.from(source);
      for (let at = 0, index = 0; at < bytes.length; index += 1) {
        const size = (cuts[index % cuts.length] ?? 0) + 1;
        passed.push(frames.push(bytes.subarray(at, at + size)));
        at += size;
      }
      passed.push(frames.end());
      assert.deepEqual(Buffer.concat(passed), bytes);
      assert.deepEqual(
        found,
        expected.filter((data) => data !== ""),
      );
      assert.deepEqual(Buffer.concat(raw), bytes);
    }),
  );
});

test("an event that is too large passes in parts, of which the last has its type and its end", () => {
  const large = `event: large\ndata: ${"x".repeat(2_000)}the end\n\n`;
  const source = `data: before\n\n${large}${large}event: small\ndata: after\n\n`;
  const whole = [
    ["", "before", false],
    ["large", "the end", true],
    ["large", "the end", true],
    ["small", "after", false],
  ];
  for (const size of [1, 7, 100, 999, 5_000]) {
    const events: (readonly [type: string, data: string, isTail: boolean])[] = [];
    const frames = new EventFrames(500, ({ type, data, dataStart, dataEnd, isTail }) => {
      if (dataEnd > dataStart) events.push([type, data.toString("utf8", dataStart, dataEnd).trim().slice(-7), isTail]);
    });
    const passed: Buffer[] = [];
    for (let at = 0; at < source.length; at += size) passed.push(frames.push(Buffer.from(source.slice(at, at + size))));
    assert.equal(Buffer.concat(passed).toString(), source);
    // A chunk with the whole event needs no parts.
    assert.deepEqual(
      events,
      size === 5_000 ? whole.map(([type, data]) => [type, String(data).slice(-7), false]) : whole,
      `chunks of ${size} bytes`,
    );
  }
});

/** An event as backends write it that say in each one that there is no usage yet, and as it is without that. */
const forms: Readonly<Record<string, (document: string) => readonly [sent: string, passed: string]>> = {
  "no usage": (document) => [document, document],
  first: (document) => [`{"usage":null,${document.slice(1)}`, document],
  last: (document) => [`${document.slice(0, -1)},"usage":null}`, document],
  "first, with spaces": (document) => [`{ "usage": null , ${document.slice(1)}`, `{  ${document.slice(1)}`],
  "last, with spaces": (document) => [`${document.slice(0, -1)} , "usage" : null }`, `${document.slice(0, -1)}  }`],
  "before padding": (document) => [`${document.slice(0, -1)},"usage":null,"pad":"ab"}`, `${document.slice(0, -1)},"pad":"ab"}`],
};

function endOfEvent(bytes: Buffer, from: number): number {
  const at = bytes.indexOf("\n\n", from);
  return at === -1 ? bytes.length : at + 2;
}

test("what the client did not ask for is cut out of events, and all are metered, wherever chunks end", () => {
  const content = string({ unit: constantFrom("a", " word", '"', "\\", "\n", "é", "😀", '"usage":null', "[DONE]"), maxLength: 4 });
  const events = array(tuple(content, constantFrom(...Object.keys(forms)), nat(9)), { minLength: 1, maxLength: 60 });
  const sizes = array(oneof(nat(300), constantFrom("event", "event", "event")), { minLength: 1, maxLength: 5 });
  assertProperty(
    property(events, sizes, nat(50), (list, cuts, lookAt) => {
      const { response } = chat;
      const record = new UsageRecord(asked, response, 0);
      const meter = new StreamMeter(record, response, true, () => 0);
      const estimate = new TokenEstimate();
      const pairs = list.map(([text, form, chance]) => {
        estimate.text(text);
        const choices = [{ index: 0, delta: { content: text }, finish_reason: chance === 0 ? "stop" : null }];
        return forms[form]?.(JSON.stringify({ id: "1", choices })) ?? ["", ""];
      });
      pairs.push(["[DONE]", "[DONE]"]);
      const bytes = Buffer.from(pairs.map(([sent]) => `data: ${sent}\n\n`).join(""));
      const received: Buffer[] = [];
      for (let at = 0, index = 0; at < bytes.length; index += 1) {
        const cut = cuts[index % cuts.length] ?? 0;
        const end = cut === "event" ? endOfEvent(bytes, at) : at + cut + 1;
        received.push(meter.write(bytes.subarray(at, end)));
        if (index === lookAt) meter.catchUp();
        at = end;
      }
      received.push(meter.end("completed"));
      assert.equal(Buffer.concat(received).toString(), pairs.map(([, passed]) => `data: ${passed}\n\n`).join(""));
      assert.equal(record.usage(true).output, estimate.tokens);
      assert.equal(record.finishReason, list.some(([, , chance]) => chance === 0) ? "stop" : undefined);
    }),
    { numRuns: 2_000 },
  );
});

/** Events of one stream that are alike, and differ in what a reader that only looks for texts would miss. */
const alike: Readonly<Record<string, (text: string, index: number) => object>> = {
  text: (content) => ({ id: "1", choices: [{ delta: { content }, finish_reason: null }], usage: null }),
  padded: (content, index) => ({ id: "1", choices: [{ delta: { content }, finish_reason: null }], pad: "x".repeat(index % 5) }),
  numbered: (content, index) => ({ id: "1", number: index, choices: [{ delta: { content } }] }),
  "two texts": (content) => ({ id: "1", choices: [{ delta: { content, reasoning: content }, finish_reason: null }] }),
  "text after its reason": (content) => ({ id: "1", choices: [{ finish_reason: null, delta: { content } }] }),
  "no text": () => ({ id: "1", choices: [{ delta: { content: null }, finish_reason: null }] }),
  "a reason": (content) => ({ id: "1", choices: [{ delta: { content }, finish_reason: "length" }], usage: null }),
  "an error after its text": (content) => ({ id: "1", choices: [{ delta: { content }, finish_reason: null }], error: { code: 1 } }),
  "an error before its text": (content) => ({ id: "1", error: { code: 1 }, choices: [{ delta: { content }, finish_reason: null }] }),
  usage: (content, index) => ({ id: "1", choices: [{ delta: { content } }], usage: { prompt_tokens: 1, completion_tokens: index } }),
};

test("of events that are alike, each is read, no matter how many pass before", () => {
  const content = string({ unit: constantFrom("a", " word", '"', "\\", "\n", "é", '"finish_reason":null'), maxLength: 4 });
  const kinds = array(constantFrom(...Object.keys(alike), "text", "text", "text", "padded", "padded"), { minLength: 1, maxLength: 80 });
  assertProperty(
    property(kinds, array(content, { minLength: 1, maxLength: 7 }), nat(80), (list, texts, lookAt) => {
      const record = new UsageRecord(asked, chat.response, 0);
      const meter = new StreamMeter(record, chat.response, false, () => 0);
      const estimate = new TokenEstimate();
      let reported: number | undefined;
      for (const [index, kind] of list.entries()) {
        const text = texts[index % texts.length] ?? "";
        if (kind !== "no text") estimate.text(kind === "two texts" ? text + text : text);
        if (kind === "usage") reported = index;
        const bytes = Buffer.from(`data: ${JSON.stringify(alike[kind]?.(text, index))}\n\n`);
        assert.equal(meter.write(bytes), bytes);
        if (index === lookAt) meter.catchUp();
      }
      meter.catchUp();
      assert.equal(record.text.tokens, estimate.tokens);
      assert.equal(record.finishReason, list.includes("a reason") ? "length" : undefined);
      assert.equal(
        record.hasFailed,
        list.some((kind) => kind.startsWith("an error")),
      );
      record.complete();
      assert.equal(record.usage(true).output, reported ?? estimate.tokens);
    }),
    { numRuns: 2_000 },
  );
});
