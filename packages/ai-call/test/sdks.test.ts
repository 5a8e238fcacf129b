import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";

import { compose, toListener } from "@aivillage/middleware";
import { problemDetails } from "@aivillage/problem-details";
import { listen } from "@aivillage/testing";
import Anthropic, { APIError as AnthropicError } from "@anthropic-ai/sdk";
import OpenAI, { APIError } from "openai";

import { aiCall, type AiDialectName } from "../src/index.ts";
import { captures } from "./captures.ts";

/** The same backend with and without `aiCall()` before it. */
async function serve(t: TestContext, dialect: AiDialectName, respond: (req: IncomingMessage, res: ServerResponse) => void) {
  const direct = await listen(toListener(respond));
  const metered = await listen(
    toListener(
      compose(aiCall({ dialect, models: ["made-up"] }), (req, res) => respond(req, res)),
      problemDetails(),
    ),
  );
  t.after(() => Promise.all([direct[Symbol.asyncDispose](), metered[Symbol.asyncDispose]()]));
  return { direct: direct.url, metered: metered.url };
}

const openai = (baseURL: string): OpenAI => new OpenAI({ baseURL, apiKey: "made-up", maxRetries: 0 });
const anthropic = (baseURL: string): Anthropic => new Anthropic({ baseURL, apiKey: "made-up", maxRetries: 0 });

/** What an SDK has made of a response: all events of a stream, anything else as it is. */
async function collected(made: unknown): Promise<unknown> {
  if (!(Symbol.asyncIterator in Object(made))) return made;
  const events: unknown[] = [];
  for await (const event of made as AsyncIterable<unknown>) events.push(event);
  return events;
}

type Ask = (url: string, request: never) => Promise<unknown>;

const asks: Partial<Record<AiDialectName, Ask>> = {
  "openai-chat": async (url, request) => collected(await openai(url).chat.completions.create(request)),
  "openai-responses": async (url, request) => collected(await openai(url).responses.create(request)),
  "openai-embeddings": (url, request) => openai(url).embeddings.create(request),
  "anthropic-messages": async (url, request) => collected(await anthropic(url).messages.create(request)),
};

for (const { name, dialect, request, type, body } of captures.filter((capture) => asks[capture.dialect] !== undefined)) {
  test(`the official SDK receives the same through aiCall(): ${name}`, async (t) => {
    const { direct, metered } = await serve(t, dialect, (_req, res) => {
      res.writeHead(200, { "Content-Type": type });
      res.end(body);
    });
    const ask = asks[dialect];
    assert.ok(ask);
    assert.deepEqual(await ask(metered, request as never), await ask(direct, request as never));
  });
}

test("the OpenAI SDK shows why a call is refused", async (t) => {
  const { metered } = await serve(t, "openai-chat", (_req, res) => void res.end());
  await assert.rejects(openai(metered).chat.completions.create({ model: "other", messages: [] }), (error) => {
    assert.ok(error instanceof APIError);
    assert.equal(error.status, 403);
    assert.equal(error.code, "model-not-allowed");
    assert.match(error.message, /does not allow the requested model/);
    return true;
  });
});

test("the Anthropic SDK shows why a call is refused", async (t) => {
  const { metered } = await serve(t, "anthropic-messages", (_req, res) => void res.end());
  const call = anthropic(metered).messages.create({ model: "other", max_tokens: 1, messages: [] });
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof AnthropicError);
    assert.equal(error.status, 403);
    assert.match(error.message, /does not allow the requested model/);
    return true;
  });
});
