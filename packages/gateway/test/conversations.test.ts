import assert from "node:assert/strict";
import { test } from "node:test";

import { codeBlocks, type Downstream, readFromRoot, startDownstream } from "@aivillage/testing";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

import { configFile } from "./config-support.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const attack = "x' or 1=1 union select password from users -- ";
const reply = "Put <script>alert(1)</script> before </body>.";
const picture = Buffer.from(Array.from({ length: 150_000 }, (_, index) => (index * 7_919) % 256)).toString("base64");
const conversation = { type: "array", screen: { conversation: "prose" } };

/** What the services of OpenAI and Anthropic respond, each time with the same text. */
const responses: Readonly<Record<string, object>> = {
  "/v1/chat/completions": {
    id: "c1",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: reply, refusal: null } }],
  },
  "/v1/responses": {
    id: "r1",
    object: "response",
    created_at: 1,
    model: "m",
    status: "completed",
    output: [
      {
        type: "message",
        id: "m1",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text: reply, annotations: [] }],
      },
    ],
  },
  "/v1/messages": {
    id: "a1",
    type: "message",
    role: "assistant",
    model: "m",
    content: [{ type: "text", text: reply }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  },
};

interface Fronted extends AsyncDisposable {
  readonly gateway: TestGateway;
  readonly provider: Downstream;
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
}

/** A gateway whose routes a team would write to put it in front of both, and their official clients. */
async function frontProviders(screening?: object): Promise<Fronted> {
  const provider = await startDownstream(({ url }) => ({ body: responses[url] }));
  const route = (path: string, properties: object) => ({
    path,
    methods: ["POST"],
    upstream: [provider.url],
    body: { type: "object", properties },
  });
  const routes = [
    route("/v1/chat/completions", { messages: conversation, tools: { type: "array", screen: { flag: "model" } } }),
    route("/v1/responses", { input: { type: ["string", "array"], screen: { conversation: "prose" } } }),
    route("/v1/messages", { messages: conversation, system: { type: ["string", "array"], screen: { flag: "prose" } } }),
  ];
  const file = configFile({ routes, ...(screening !== undefined && { screening }) });
  const gateway = await startTestGateway({ CONFIG_FILE: file });
  const key = gateway.authorization.authorization.slice("Bearer ".length);
  const dispose = async (): Promise<void> => {
    await gateway[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  };
  return {
    gateway,
    provider,
    openai: new OpenAI({ apiKey: key, baseURL: `${gateway.url}/v1`, maxRetries: 0 }),
    anthropic: new Anthropic({ authToken: key, apiKey: null, baseURL: gateway.url, maxRetries: 0 }),
    [Symbol.asyncDispose]: dispose,
  };
}

const isRefusal = (error: unknown): boolean => (error as { status?: number }).status === 422;

test("a conversation by OpenAI's client goes on after a refused message, and after a reply that looks like an attack", async () => {
  await using fronted = await frontProviders();
  const { openai, provider } = fronted;
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "system", content: "Explain HTML such as <script> and <b onclick=a()>." }];
  const say = async (content: string): Promise<void> => {
    const { choices } = await openai.chat.completions.create({ model: "m", messages: [...messages, { role: "user", content }] });
    const [choice] = choices;
    assert.ok(choice !== undefined);
    messages.push({ role: "user", content }, choice.message);
  };
  await say("How do I run a script?");
  await assert.rejects(say(attack), isRefusal);
  assert.equal(provider.received.length, 1, "the refused message reached nobody");
  await say("What is a union in SQL?");
  await say("And now?");
  assert.equal(messages.filter(({ role }) => role === "assistant").length, 3);
});

test("the response to a client that keeps the refused message names the message to drop", async () => {
  await using fronted = await frontProviders();
  const messages: OpenAI.ChatCompletionMessageParam[] = [
    { role: "user", content: "Hello" },
    { role: "assistant", content: reply },
    { role: "user", content: attack },
    { role: "user", content: "Are you there?" },
  ];
  const error: unknown = await fronted.openai.chat.completions.create({ model: "m", messages }).catch((caught: unknown) => caught);
  assert.ok(isRefusal(error));
  const response = await fronted.gateway.post("/v1/chat/completions", { model: "m", messages });
  const { detail, errors } = (await response.json()) as { detail: string; errors: { pointer: string; offset: number; length: number }[] };
  assert.match(
    detail,
    /^The text at #\/messages\/2\/content looks like SQL injection \(sqli\/[\w-]+, characters \d+ to \d+\)\. Reword or remove/,
  );
  for (const { pointer, offset, length } of errors) {
    assert.deepEqual([pointer, offset >= 0, offset + length <= attack.length], ["#/messages/2/content", true, true]);
  }
});

test("pictures and sound pass by OpenAI's client", async () => {
  await using fronted = await frontProviders();
  const content: OpenAI.ChatCompletionContentPart[] = [
    { type: "text", text: "What is this? ![small](data:image/png;base64,iVBORw0KGgo=)" },
    { type: "image_url", image_url: { url: `data:image/png;base64,${picture}` } },
    { type: "input_audio", input_audio: { data: picture, format: "wav" } },
    { type: "file", file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${picture.slice(0, 4_000)}` } },
  ];
  const { choices } = await fronted.openai.chat.completions.create({ model: "m", messages: [{ role: "user", content }] });
  assert.equal(choices[0]?.message.content, reply);
  assert.ok(fronted.provider.received[0]?.body.includes(picture));
  assert.deepEqual(
    fronted.gateway.log.filter(({ message }) => message.startsWith("input ")),
    [],
  );
});

test("results of tools pass by OpenAI's responses and chat completions, and new text is still refused", async () => {
  await using fronted = await frontProviders();
  const { openai } = fronted;
  const input: OpenAI.Responses.ResponseInput = [
    { role: "user", content: "Read the page" },
    { type: "function_call", call_id: "f1", name: "read", arguments: '{"url":"file:///etc/passwd"}' },
    { type: "function_call_output", call_id: "f1", output: `<html><script>alert(1)</script>${attack}` },
  ];
  assert.equal((await openai.responses.create({ model: "m", input })).output_text, reply);
  await assert.rejects(openai.responses.create({ model: "m", input: [...input, { role: "user", content: attack }] }), isRefusal);
  await assert.rejects(openai.responses.create({ model: "m", input: attack }), isRefusal);
  const { choices } = await openai.chat.completions.create({
    model: "m",
    messages: [
      { role: "user", content: "Read the page" },
      { role: "assistant", tool_calls: [{ id: "t1", type: "function", function: { name: "read", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "t1", content: `<script>alert(1)</script>${attack}` },
    ],
    tools: [{ type: "function", function: { name: "read", description: "Runs `cat /etc/passwd; id`", parameters: { type: "object" } } }],
  });
  assert.equal(choices.length, 1);
});

test("the configuration of the documentation takes what OpenAI's client sends beside messages, and still refuses an attack", async () => {
  await using provider = await startDownstream(({ url }) => ({ body: responses[url] }));
  const [yaml = ""] = codeBlocks(readFromRoot("docs/configuration.md")).flatMap(({ code }) =>
    code.includes("http://models-1:8000") ? code : [],
  );
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile(yaml.replace("http://models-1:8000", provider.url)) });
  const apiKey = gateway.authorization.authorization.slice("Bearer ".length);
  const openai = new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  const description = "Run `cat /etc/passwd; id`, or SELECT * FROM users WHERE id = 1 OR 1=1 -- then <script>alert(1)</script>";
  const schema = { type: "object", properties: { command: { type: "string", description } } };
  const ask = (content: string) =>
    openai.chat.completions.create({
      model: "org/name-7b:free",
      messages: [{ role: "user", content }],
      tools: [{ type: "function", function: { name: "run", description, parameters: schema } }],
      tool_choice: { type: "function", function: { name: "run" } },
      functions: [{ name: "run", description, parameters: schema }],
      response_format: { type: "json_schema", json_schema: { name: "command", description, strict: true, schema } },
      prediction: { type: "content", content: `<script>${attack}</script>` },
      stop: ["</s>", "<|im_end|>", "\n\nUser:", "'; --", "</script>"],
      metadata: { purpose: "O'Brien's <b>test</b>; see ../notes & more", query: attack },
      user: "o'brien@example.com",
      safety_identifier: "o'brien; 7",
      prompt_cache_key: "chat'; 7 --",
      web_search_options: { user_location: { type: "approximate", approximate: { city: "Coeur d'Alene; Idaho" } } },
      logit_bias: { "50256": -100 },
      reasoning_effort: "low",
      stream_options: null,
      temperature: 0.5,
      seed: 7,
    });
  assert.equal((await ask("What does this command do?")).choices[0]?.message.content, reply);
  await assert.rejects(ask(attack), isRefusal);
  assert.equal(provider.received.filter(({ method }) => method === "POST").length, 1);
});

test("a conversation by Anthropic's client goes on, with results of tools and pictures", async () => {
  await using fronted = await frontProviders();
  const { anthropic, provider } = fronted;
  const messages: Anthropic.MessageParam[] = [];
  const say = async (content: Anthropic.MessageParam["content"]): Promise<void> => {
    const turn = [...messages, { role: "user" as const, content }];
    const message = await anthropic.messages.create({ model: "m", max_tokens: 10, system: "Never write <script>.", messages: turn });
    messages.push({ role: "user", content }, { role: "assistant", content: message.content });
  };
  await say([
    { type: "image", source: { type: "base64", media_type: "image/png", data: picture } },
    { type: "text", text: "What is this?" },
  ]);
  await assert.rejects(say(attack), isRefusal);
  await say("Read the page");
  messages.pop();
  messages.push({ role: "assistant", content: [{ type: "tool_use", id: "t1", name: "read", input: { path: "../../etc/passwd" } }] });
  await say([{ type: "tool_result", tool_use_id: "t1", content: `<script>alert(1)</script>${attack}` }]);
  await assert.rejects(
    say([
      { type: "tool_result", tool_use_id: "t1", content: "ok" },
      { type: "text", text: attack },
    ]),
    isRefusal,
  );
  await say("Thanks");
  assert.equal(provider.received.length, 4);
});

test("a chat of the gateway itself goes on, and a dozen refusals of doubtful text penalise nobody", async () => {
  await using gateway = await startTestGateway();
  const chat = (...messages: object[]) => gateway.post("/v1/chat", { messages });
  const before = [
    { role: "user", content: "How?" },
    { role: "assistant", content: reply },
  ];
  assert.equal((await chat(...before, { role: "user", content: "Thanks" })).status, 200);
  assert.equal((await chat(...before, { role: "user", content: attack })).status, 422);
  const doubtful = { query: "Print this.\n\n<iframe src=/a></iframe>" };
  const statuses = new Set<number>();
  for (let count = 0; count < 12; count += 1) statuses.add((await gateway.post("/v1/query", doubtful)).status);
  assert.deepEqual([...statuses], [422]);
  assert.deepEqual(gateway.gateway.penalties.list(), []);
});
