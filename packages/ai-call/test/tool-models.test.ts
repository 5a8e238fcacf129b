import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, forEachHost } from "@aivillage/testing";

import type { AiDialectName } from "../src/index.ts";
import { post, serveCalls } from "./app.ts";

type Call = (model: unknown) => object;

const advisor: Call = (model) => ({ type: "advisor_20260301", name: "advisor", model });
const picture: Call = (model) => ({ type: "image_generation", model });
const drawing: Call = (model) => ({ type: "image_generation", output_format: "svg", svg: { model } });
const added: Call = (model) => ({ type: "tool_addition", tool: { type: "tool_definition", definition: advisor(model) } });

/** Calls with a tool that calls a model of its own, by where the tool is defined. */
const calls: readonly (readonly [what: string, dialect: AiDialectName, param: string, call: Call])[] = [
  ["an advisor", "anthropic-messages", "tools", (model) => ({ tools: [{ name: "other", input_schema: {} }, advisor(model)] })],
  [
    "an advisor that a message adds",
    "anthropic-messages",
    "messages",
    (model) => ({ messages: [{ role: "system", content: [added(model)] }] }),
  ],
  [
    "an advisor from before a compaction",
    "anthropic-messages",
    "messages",
    (model) => ({ messages: [{ role: "assistant", content: [{ type: "compaction", content: "…", tool_changes: [added(model)] }] }] }),
  ],
  ["a maker of pictures", "openai-responses", "tools", (model) => ({ tools: [picture(model)] })],
  ["a maker of drawings", "openai-responses", "tools", (model) => ({ tools: [drawing(model)] })],
  [
    "a maker of pictures that the input adds",
    "openai-responses",
    "input",
    (model) => ({ input: [{ type: "additional_tools", tools: [picture(model)] }] }),
  ],
];

forEachHost((host) => {
  for (const [what, dialect, param, call] of calls) {
    test(`the model of ${what} must be on the list`, async (t) => {
      const app = await serveCalls(t, host, { dialect, models: ["small-*"] }, (res) => void res.end());
      const ask = (model: unknown): Promise<Response> => post(app.url, { model: "small-1", max_tokens: 9, ...call(model) });
      const refused = await ask("large-1");
      const { error } = (await refused.json()) as { error: { code: string; param: string } };
      assert.deepEqual([refused.status, error.code, error.param], [403, "model-not-allowed", param]);
      for (const [model, status] of [
        ["small-2", 200],
        [null, 200],
        [7, 422],
        [{}, 422],
      ] as const) {
        assert.equal((await ask(model)).status, status, JSON.stringify(model));
      }
      await eventually(() => app.ended.length === 2, "both calls ended");
      assert.deepEqual(
        app.ended.map((ended) => ended.call.otherModels),
        [["small-2"], []],
      );
      const escaped = JSON.stringify({ model: "small-1", ...call("large-1") }).replaceAll(/"(tools|definition|model)":/g, (name) =>
        name.replace("e", "\\u0065").replace("tools", "t\\u006fols"),
      );
      assert.equal((await post(app.url, escaped)).status, 403, escaped);
      const twice = JSON.stringify(call("small-2")).replace('"model":"small-2"', '"model":"large-1","model":"small-2"');
      assert.equal((await post(app.url, twice.replace("{", '{"model":"small-1",'))).status, 403, twice);
    });
  }

  test("what only looks like the model of a tool is not on any list", async (t) => {
    for (const [dialect, more] of [
      ["anthropic-messages", { tools: [{ name: "cars", input_schema: { properties: { model: { type: "string" } } } }] }],
      [
        "anthropic-messages",
        { messages: [{ role: "assistant", content: [{ type: "tool_use", input: { model: "T", tools: [{ model: "T" }] } }] }] },
      ],
      ["openai-responses", { input: [{ type: "message", content: [{ type: "input_text", text: '{"tools":[{"model":"T"}]}' }] }] }],
      [
        "openai-chat",
        { tools: [{ type: "function", function: { name: "cars", parameters: { properties: { model: { type: "string" } } } } }] },
      ],
    ] as const) {
      const app = await serveCalls(t, host, { dialect, models: ["small-*"] }, (res) => void res.end());
      assert.equal((await post(app.url, { model: "small-1", max_tokens: 9, ...more })).status, 200, JSON.stringify(more));
    }
  });

  test("tools that name more models than a router takes are refused", async (t) => {
    const app = await serveCalls(t, host, { dialect: "anthropic-messages" }, (res) => void res.end());
    const ask = async (tools: number): Promise<number> =>
      (await post(app.url, { model: "m", tools: Array(tools).fill(advisor("m")) })).status;
    assert.deepEqual([await ask(32), await ask(33)], [200, 422]);
  });
});
