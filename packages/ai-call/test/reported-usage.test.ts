import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, forEachHost } from "@aivillage/testing";

import type { AiDialectName, AiUsage } from "../src/index.ts";
import { post, serveCalls } from "./app.ts";

const event = (data: { readonly type?: string }): string =>
  `${data.type === undefined ? "" : `event: ${data.type}\n`}data: ${JSON.stringify(data)}\n\n`;

/** Reasoning that its server counts beside the output, and in the total alone. */
const besides = { prompt_tokens: 32, completion_tokens: 9, total_tokens: 135, completion_tokens_details: { reasoning_tokens: 94 } };
const ofBesides = { input: 32, output: 103, reasoning: 94 };

/** Work of other models, and of the same one on the side, that the counts of the requested model leave out. */
const iterations = [
  { type: "message", input_tokens: 1, output_tokens: 45, cache_read_input_tokens: 100, cache_creation_input_tokens: 7 },
  {
    type: "compaction",
    input_tokens: 500,
    output_tokens: 60,
    cache_read_input_tokens: 30,
    cache_creation_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0 },
  },
  {
    type: "advisor_message",
    model: "large-1",
    input_tokens: 9_000,
    output_tokens: 700,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 20,
  },
  { type: "message", input_tokens: 1, output_tokens: 55, cache_read_input_tokens: 120, cache_creation_input_tokens: 3 },
];
const own = { input_tokens: 2, output_tokens: 100, cache_read_input_tokens: 220, cache_creation_input_tokens: 10 };
const all = { input: 2 + 220 + 10 + 530 + 9_020, output: 860, cachedInput: 250, cacheWrite: 30 };
const start = { type: "message_start", message: { model: "m", usage: { ...own, output_tokens: 1, iterations: null } } };
const stop = { type: "message_delta", delta: { stop_reason: "end_turn" } };

const responses: readonly (readonly [what: string, AiDialectName, body: string, expected: Partial<AiUsage>])[] = [
  ["reasoning beside the output", "openai-chat", JSON.stringify({ choices: [], usage: besides }), ofBesides],
  [
    "reasoning beside the output, in a stream",
    "openai-chat",
    `${event({ choices: [{ delta: { content: "Hi" } }] } as object)}${event({ choices: [], usage: besides } as object)}data: [DONE]\n\n`,
    ofBesides,
  ],
  [
    "reasoning in place of any output",
    "openai-chat",
    JSON.stringify({ choices: [], usage: { prompt_tokens: 21, completion_tokens: 0, total_tokens: 81 } }),
    { input: 21, output: 60 },
  ],
  [
    "a total that is no more than the rest",
    "openai-chat",
    JSON.stringify({ choices: [], usage: { prompt_tokens: 21, completion_tokens: 9, total_tokens: 30 } }),
    { input: 21, output: 9 },
  ],
  ["an advisor and a compaction", "anthropic-messages", JSON.stringify({ usage: { ...own, iterations } }), all],
  [
    "an advisor and a compaction, in a stream",
    "anthropic-messages",
    event(start) + event({ ...stop, usage: { ...own, iterations } } as object) + event({ type: "message_stop" }),
    all,
  ],
  [
    "an advisor and a compaction before a last event with the output alone",
    "anthropic-messages",
    event({ ...start, message: { usage: { ...own, iterations } } } as object) +
      event({ ...stop, usage: { output_tokens: 100 } } as object) +
      event({ type: "message_stop" }),
    all,
  ],
  [
    "an advisor after more text than is kept",
    "anthropic-messages",
    JSON.stringify({ content: [{ type: "text", text: "word ".repeat(300_000) }], usage: { ...own, iterations }, container: null }),
    all,
  ],
];

forEachHost((host) => {
  for (const [what, dialect, body, expected] of responses) {
    test(`every token that a backend reports counts: ${what}`, async (t) => {
      const type = body.startsWith("{") ? "application/json" : "text/event-stream";
      const app = await serveCalls(t, host, { dialect }, (res) => void res.writeHead(200, { "Content-Type": type }).end(body));
      await (await post(app.url, { model: "m", max_tokens: 1_000, stream: type !== "application/json", messages: [] })).text();
      const ended = (await eventually(() => app.ended[0], "the call ended")) ?? assert.fail("no call ended");
      assert.deepEqual({ ...ended.usage, ...expected, source: "reported" }, ended.usage);
    });
  }
});
