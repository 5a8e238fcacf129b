import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import {
  aiCall,
  aiCallEnded,
  type AiCallOutcome,
  type AiDialectName,
  aiResponseFilter,
  getAiCall,
  getAiProgress,
} from "@aivillage/ai-call";
import { downstreamProxy, type DownstreamProxyOptions } from "@aivillage/downstream-proxy";
import { compose, type Handler, toListener } from "@aivillage/middleware";
import { problemDetails } from "@aivillage/problem-details";
import { eventually, listen } from "@aivillage/testing";
import Anthropic, { APIError as AnthropicError } from "@anthropic-ai/sdk";
import OpenAI, { APIError } from "openai";

import { budgetSettled, type BudgetSettled, MemoryStore, tokenBudget, type TokenBudgetOptions } from "../src/index.ts";
import { streamTokens } from "./provider.ts";

/** A budget of 600 output tokens before a proxy to a provider that would stream for ever. */
async function serve(
  t: TestContext,
  options: Partial<TokenBudgetOptions> = {},
  dialect: AiDialectName = "openai-chat",
  tokens = 100_000,
  proxyOptions: DownstreamProxyOptions = {},
) {
  const sent: number[] = [];
  const upstream = await listen((_req, res) => {
    void (dialect === "openai-chat" ? streamTokens(res, { tokens }) : streamAnthropic(res, tokens)).then((count) => sent.push(count));
  });
  const store = new MemoryStore();
  const budget = tokenBudget({
    budgets: [{ name: "output", unit: "output", limit: 600, period: "day" }],
    call: getAiCall,
    usage: getAiProgress,
    unknownMax: { reserve: 200, block: 50 },
    store,
    ...options,
  });
  const proxy = downstreamProxy({ targets: [{ name: "models", url: upstream.url }], ...proxyOptions });
  const server = await listen(toListener(compose(aiCall({ dialect }), budget, proxy), problemDetails()));
  const settled: BudgetSettled[] = [];
  const unsubscribe = budgetSettled.subscribe((message) => settled.push(message));
  t.after(async () => {
    unsubscribe();
    await server[Symbol.asyncDispose]();
    await proxy.close();
    await upstream[Symbol.asyncDispose]();
    budget.close();
    store.close();
  });
  return { url: server.url, store, sent, settled };
}

async function streamAnthropic(res: Parameters<typeof streamTokens>[0], tokens: number): Promise<number> {
  res.writeHead(200, { "Content-Type": "text/event-stream" });
  const send = (event: { readonly type: string }): boolean => res.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  const message = { id: "1", type: "message", role: "assistant", model: "m", content: [], usage: { input_tokens: 5, output_tokens: 1 } };
  send({ type: "message_start", message } as never);
  send({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } } as never);
  let sent = 0;
  for (; sent < tokens && !res.closed; sent += 1) {
    send({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: " word" } } as never);
    await new Promise(setImmediate);
  }
  return sent;
}

const ask = { model: "m", messages: [{ role: "user" as const, content: "hello" }], stream: true as const };

test("the OpenAI SDK receives what the budget covers, and then an error that says why", async (t) => {
  const { url, store, sent, settled } = await serve(t);
  const stream = await new OpenAI({ baseURL: url, apiKey: "made-up", maxRetries: 0 }).chat.completions.create(ask);
  let words = 0;
  await assert.rejects(
    async () => {
      for await (const chunk of stream) words += chunk.choices[0]?.delta.content === undefined ? 0 : 1;
    },
    (error) => {
      assert.ok(error instanceof APIError, String(error));
      assert.equal(error.code, "insufficient_quota");
      assert.match(error.message, /budget of the call is used up/);
      return true;
    },
  );
  assert.ok(words >= 300, `only ${words} words came`);
  await eventually(() => sent.length === 1, "the provider is left");
  const standing = await eventually(() => store.list().find(({ held }) => held === 0), "nothing is held");
  assert.ok(standing !== undefined && standing.spent >= 550 && standing.spent <= 650, `${standing?.spent} of 600 spent`);
  assert.equal(settled[0]?.end, "cut");
});

test("a client that reads slowly learns why its stream has ended", async (t) => {
  const { url, settled, sent } = await serve(t);
  const stream = await new OpenAI({ baseURL: url, apiKey: "made-up", maxRetries: 0 }).chat.completions.create(ask);
  await eventually(() => settled[0]?.end === "cut" && sent.length === 1, "the budget has ended the stream, and the provider is left");
  await assert.rejects(
    async () => {
      for await (const chunk of stream) assert.ok(chunk.choices.length > 0);
    },
    (error) => error instanceof APIError && error.code === "insufficient_quota",
  );
});

for (const [who, proxyOptions] of [
  ["the app meters it", {}],
  ["the filter of a proxy meters it", { filter: aiResponseFilter }],
] as const) {
  test(`a call whose stream a budget has ended has failed: ${who}`, async (t) => {
    const { url } = await serve(t, {}, "openai-chat", 100_000, proxyOptions);
    const outcomes: AiCallOutcome[] = [];
    t.after(
      aiCallEnded.subscribe(({ req, outcome }) => {
        if (req.headers.host === new URL(url).host) outcomes.push(outcome);
      }),
    );
    const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(ask) });
    assert.match(await response.text(), /insufficient_quota/);
    await eventually(() => outcomes.length > 0, "the call has ended");
    assert.deepEqual(outcomes, ["failed"]);
  });
}

test("the Anthropic SDK receives an error of its kind", async (t) => {
  const { url, settled } = await serve(t, {}, "anthropic-messages");
  // This API asks for a limit, so it takes a backend that does not keep it to get here.
  const client = new Anthropic({ baseURL: url, apiKey: "made-up", maxRetries: 0 });
  const stream = await client.messages.create({ ...ask, max_tokens: 300 });
  await assert.rejects(
    async () => {
      for await (const event of stream) assert.ok(event.type !== "message_stop");
    },
    (error) => {
      assert.ok(error instanceof AnthropicError, String(error));
      assert.match(error.message, /rate_limit_error/);
      return true;
    },
  );
  await eventually(() => settled[0]?.end === "cut", "it was cut");
});

test("a stream that may finish goes on beyond its budget, and is charged in full", async (t) => {
  const { url, store, settled } = await serve(t, { onEnd: "finish" }, "openai-chat", 1_000);
  const stream = await new OpenAI({ baseURL: url, apiKey: "made-up", maxRetries: 0 }).chat.completions.create(ask);
  let words = 0;
  for await (const chunk of stream) words += chunk.choices[0]?.delta.content === undefined ? 0 : 1;
  assert.equal(words, 1_000);
  await eventually(() => store.list()[0]?.spent === 1_000 && store.list()[0]?.held === 0, "it is charged in full");
  assert.equal(settled[0]?.end, "finished");
});

test("streams without a known limit together overshoot by at most a block each", async (t) => {
  const { url, store } = await serve(t);
  const drain = async (): Promise<void> => {
    const response = await fetch(url, { method: "POST", body: JSON.stringify(ask) });
    await response.text().catch(() => undefined);
  };
  await Promise.all([drain(), drain(), drain()]);
  const standing = await eventually(() => store.list().find(({ held }) => held === 0), "nothing is held");
  assert.ok(standing !== undefined && standing.spent <= 600 + 3 * 50, `${standing?.spent} of 600 spent`);
});

test("the reason of an end is an event by itself, wherever the chunks of a handler end", async (t) => {
  const events = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: " and on" } }] })}\n\n`.repeat(1_000);
  for (const size of [1_000, 997, 64, 7]) {
    const options = {
      budgets: [{ name: "output", unit: "output", limit: 600, period: "day" as const }],
      call: getAiCall,
      usage: getAiProgress,
    };
    const budget = tokenBudget({ ...options, unknownMax: { reserve: 200, block: 50 } });
    const handler: Handler = (_req, res) => {
      res.setHeader("Content-Type", "text/event-stream");
      for (let at = 0; at < events.length; at += size) res.write(events.slice(at, at + size));
      res.end();
    };
    const server = await listen(toListener(compose(aiCall({ dialect: "openai-chat" }), budget, handler), problemDetails()));
    t.after(async () => {
      await server[Symbol.asyncDispose]();
      budget.close();
    });
    const stream = await new OpenAI({ baseURL: server.url, apiKey: "made-up", maxRetries: 0 }).chat.completions.create(ask);
    await assert.rejects(
      async () => {
        for await (const chunk of stream) assert.equal(chunk.choices[0]?.delta.content, " and on");
      },
      (error) => error instanceof APIError && error.code === "insufficient_quota",
      `chunks of ${size} bytes`,
    );
  }
});
