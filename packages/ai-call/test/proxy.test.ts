import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";

import { downstreamProxy, type DownstreamProxyOptions } from "@aivillage/downstream-proxy";
import { compose, type Handler, toListener } from "@aivillage/middleware";
import { problemDetails } from "@aivillage/problem-details";
import { eventually, listen } from "@aivillage/testing";
import Anthropic, { APIError as AnthropicError } from "@anthropic-ai/sdk";
import OpenAI, { APIError } from "openai";

import { aiCall, type AiCallEnded, aiCallEnded, type AiCallOptions, type AiDialectName, aiResponseFilter } from "../src/index.ts";
import { post } from "./app.ts";
import { captures } from "./captures.ts";

/** What a backend does with a connection when a request has come. */
type Backend = (socket: Socket) => void;

const eventHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const delta = (content: string): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;

/** A backend that sends some of a stream and then closes the connection. */
const breaksAfter =
  (stream: string): Backend =>
  (socket) =>
    void socket.write(eventHead + chunk(stream), () => setTimeout(() => socket.destroy(), 20));

const sends =
  (stream: string): Backend =>
  (socket) =>
    void socket.write(`${eventHead}${chunk(stream)}0\r\n\r\n`);

async function serveBackend(t: TestContext, backend: Backend): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket
      .on("error", () => undefined)
      .on("data", (bytes) => {
        if (bytes.includes("POST ")) backend(socket);
      });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Route {
  readonly url: string;
  readonly ended: readonly AiCallEnded[];
}

/** A route with `aiCall()` and the proxy, before one or more backends. */
async function serve(
  t: TestContext,
  options: AiCallOptions,
  backends: readonly Backend[],
  proxyOptions: DownstreamProxyOptions = {},
): Promise<Route> {
  const urls = await Promise.all(backends.map((backend) => serveBackend(t, backend)));
  const targets = urls.map((url, index) => ({ name: `models-${index}`, url }));
  const proxy = downstreamProxy({ targets, filter: aiResponseFilter, retries: false, ...proxyOptions });
  const app = await listen(toListener(compose(aiCall(options), proxy), problemDetails()));
  const ended: AiCallEnded[] = [];
  const stop = aiCallEnded.subscribe((message) => {
    if (message.req.headers.host === new URL(app.url).host) ended.push(message);
  });
  t.after(async () => {
    stop();
    await app[Symbol.asyncDispose]();
    await proxy.close({ deadlineMs: 0 });
  });
  return { url: app.url, ended };
}

const chatCall = { model: "made-up", stream: true, messages: [{ role: "user", content: "Hi" }] };

for (const { name, dialect, request, type, body, usage } of captures) {
  test(`a proxy with the filter passes and meters: ${name}`, async (t) => {
    const length = Buffer.byteLength(body);
    const { url, ended } = await serve(t, { dialect }, [
      (socket) => void socket.write(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n${body}`),
    ]);
    const response = await post(url, request);
    assert.equal(response.headers.get("content-length"), String(length));
    assert.equal(await response.text(), body);
    await eventually(() => ended.length > 0, "the call has ended");
    assert.deepEqual({ ...ended[0]?.usage, ...usage }, ended[0]?.usage);
    assert.equal(ended[0]?.outcome, "completed");
    assert.equal(ended.length, 1);
  });
}

test("without the watch for handlers, the proxy meters and cuts out all the same, and what a handler writes passes unread", async (t) => {
  const [first] = captures;
  assert.ok(first);
  const { url, ended } = await serve(t, { dialect: "openai-chat", watchResponse: false }, [sends(first.body)]);
  assert.doesNotMatch(await (await post(url, chatCall)).text(), /usage/);
  await eventually(() => ended[0]?.usage.source === "reported" && ended[0].usage.output === first.usage.output, "the usage");
  const writes: Handler = (_req, res) => void res.writeHead(200, { "Content-Type": "text/event-stream" }).end(first.body);
  const own = await listen(toListener(compose(aiCall({ dialect: "openai-chat", watchResponse: false }), writes)));
  t.after(() => own[Symbol.asyncDispose]());
  assert.equal(await (await post(own.url, chatCall)).text(), first.body);
});

test("usage that was asked for in the client's place stays with the proxy", async (t) => {
  const [first] = captures;
  assert.ok(first);
  const { url, ended } = await serve(t, { dialect: "openai-chat" }, [sends(first.body)]);
  const text = await (await post(url, chatCall)).text();
  assert.doesNotMatch(text, /usage/);
  assert.equal(text.match(/data: /g)?.length, (first.body.match(/data: /g)?.length ?? 0) - 1);
  await eventually(() => ended[0]?.usage.source === "reported" && ended[0].usage.output === first.usage.output, "the usage");
});

test("a broken stream ends at once with the event of its dialect instead of half an event", async (t) => {
  const streams: readonly (readonly [AiDialectName, sent: string, half: string, last: RegExp])[] = [
    [
      "openai-chat",
      delta("Hello"),
      'data: {"choices":[{"delta":{"content":"Hal',
      /^data: \{"error":\{"message":".*broke off.*","type":"server_error",.*\}\}\n\n$/,
    ],
    [
      "anthropic-messages",
      'event: content_block_delta\ndata: {"delta":{"text":"Hello"}}\n\n',
      "event: content_bl",
      /^event: error\ndata: \{"type":"error","error":\{"type":"api_error","message":".*broke off.*"\}\}\n\n$/,
    ],
    [
      "openai-responses",
      'event: response.output_text.delta\ndata: {"delta":"Hello"}\n\n',
      "",
      /^event: error\ndata: \{"type":"error","code":"bad-gateway","message":".*broke off.*\}\}\n\n$/,
    ],
  ];
  for (const [dialect, sent, half, last] of streams) {
    const { url, ended } = await serve(t, { dialect }, [breaksAfter(sent + half)]);
    const received = await (await post(url, { model: "made-up", stream: true, max_tokens: 9 })).text();
    assert.ok(received.startsWith(sent), dialect);
    assert.match(received.slice(sent.length), last);
    assert.doesNotMatch(received, /DONE|message_stop/);
    await eventually(() => ended.length === 1, "the call has ended");
    assert.deepEqual([ended[0]?.outcome, ended[0]?.usage.source, ended[0]?.usage.output], ["failed", "estimated", 2]);
  }
});

test("an event that was too large to be held is ended before the error event", async (t) => {
  const { url } = await serve(t, { dialect: "openai-chat" }, [breaksAfter(`data: "${"x".repeat(1_200_000)}`)]);
  const received = await (await post(url, chatCall)).text();
  assert.match(received.slice(1_000_000), /^x+\n\ndata: \{"error"/);
});

test("nothing follows the end that a dialect has, or the error that the backend has sent itself", async (t) => {
  const own = 'data: {"error":{"message":"ours"}}\n\n';
  for (const stream of [`${delta("Hello")}data: [DONE]\n\n`, delta("Hello") + own]) {
    const { url } = await serve(t, { dialect: "openai-chat" }, [breaksAfter(stream)]);
    assert.equal(await receivedUntilCut(await post(url, chatCall)), stream);
  }
});

const finish = (index = 0): string => `data: ${JSON.stringify({ choices: [{ index, delta: {}, finish_reason: "stop" }] })}\n\n`;
const begun = 'event: content_block_delta\ndata: {"delta":{"text":"Hello"}}\n\n';
const stopped = 'event: message_delta\ndata: {"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}\n\n';

for (const [what, dialect, stream, request] of [
  ["text alone", "openai-chat", delta("Hello"), {}],
  ["one of two finish reasons", "openai-chat", delta("Hello") + finish(), { n: 2 }],
  ["half an event at its end", "openai-chat", `${delta("Hello")}data: {"choi`, {}],
  ["no message_stop", "anthropic-messages", begun + stopped, {}],
  ["no response.completed", "openai-responses", 'event: response.output_text.delta\ndata: {"delta":"Hello"}\n\n', {}],
] as const) {
  test(`a stream with ${what} is broken although its backend has ended it properly`, async (t) => {
    const { url, ended } = await serve(t, { dialect }, [sends(stream)]);
    const received = await (await post(url, { model: "made-up", stream: true, max_tokens: 9, ...request })).text();
    const whole = stream.slice(0, stream.lastIndexOf("\n\n") + 2);
    assert.ok(received.startsWith(whole), received);
    assert.match(received.slice(whole.length), /^(?:event: error\n)?data: \{.*ended before it was complete.*\}\n\n$/);
    await eventually(() => ended.length === 1, "the call has ended");
    assert.deepEqual([ended[0]?.outcome, ended[0]?.usage.source], ["failed", "estimated"]);
  });
}

test("a stream without [DONE] is complete if each choice has said why it ended", async (t) => {
  const stream = delta("Hello") + finish(0) + finish(1);
  const { url, ended } = await serve(t, { dialect: "openai-chat" }, [sends(stream)]);
  assert.equal(await (await post(url, { ...chatCall, n: 2 })).text(), stream);
  await eventually(() => ended.length === 1, "the call has ended");
  assert.equal(ended[0]?.outcome, "completed");
});

test("a stream that ends without any content goes to the next target, and is a 502 if there is none", async (t) => {
  const options = { firstEventTimeoutMs: 60_000 };
  const whole = `${delta("Hello")}data: [DONE]\n\n`;
  const both = await serve(t, { dialect: "openai-chat" }, [sends(": hello\n\n"), sends(whole)], options);
  assert.equal(await (await post(both.url, chatCall)).text(), whole);
  const alone = await serve(t, { dialect: "openai-chat" }, [sends(": hello\n\n")], options);
  const response = await post(alone.url, chatCall);
  assert.equal(response.status, 502);
  assert.match(((await response.json()) as { detail: string }).detail, /ended before it was complete/);
});

test("a wait of more than a minute that a backend asks for is no reason for SDKs to sleep, and keeps its own header", async (t) => {
  const waits = (status: number, header: string): Backend => {
    const head = `HTTP/1.1 ${status} Wait\r\n${header}\r\nContent-Type: application/json\r\nX-Should-Retry: true\r\n`;
    return (socket) => void socket.write(`${head}Content-Length: 2\r\n\r\n{}`);
  };
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
  for (const [status, header, shouldRetry] of [
    [429, "retry-after: 3600", "false"],
    [503, `retry-after: ${inAnHour}`, "false"],
    [529, "retry-after-ms: 60001", "false"],
    [429, "retry-after: 60", "true"],
    [429, "retry-after: soon", "true"],
    [400, "retry-after: 3600", "true"],
  ] as const) {
    const { url } = await serve(t, { dialect: "openai-chat" }, [waits(status, header)]);
    const { headers } = await post(url, chatCall);
    const [name = "", value] = header.split(": ");
    assert.deepEqual([headers.get(name), headers.get("x-should-retry")], [value, shouldRetry], header);
  }
});

test("the SDK of Anthropic reports a long wait at once", async (t) => {
  const head = "HTTP/1.1 429 Wait\r\nRetry-After: 86400\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
  const { url } = await serve(t, { dialect: "anthropic-messages" }, [(socket) => void socket.write(head)]);
  const client = new Anthropic({ baseURL: url, apiKey: "made-up" });
  await assert.rejects(client.messages.create({ model: "made-up", max_tokens: 9, messages: [] }), AnthropicError);
});

/** What a client receives of a stream until the connection is cut. */
async function receivedUntilCut(response: Response): Promise<string> {
  let received = "";
  await assert.rejects(async () => {
    for await (const bytes of response.body ?? []) received += Buffer.from(bytes).toString();
  });
  return received;
}

async function failure(stream: AsyncIterable<unknown>): Promise<unknown> {
  const events: unknown[] = [];
  try {
    for await (const event of stream) events.push(event);
  } catch (error) {
    return error;
  }
  return undefined;
}

test("the SDK of OpenAI throws why a stream has broken", async (t) => {
  const responseEvent = `event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"Hello"}\n\nevent: resp`;
  for (const [dialect, stream] of [
    ["openai-chat", `${delta("Hello")}data: {"choi`],
    ["openai-responses", responseEvent],
  ] as const) {
    const { url } = await serve(t, { dialect }, [breaksAfter(stream)]);
    const client = new OpenAI({ baseURL: url, apiKey: "made-up", maxRetries: 0 });
    const error = await failure(
      dialect === "openai-chat"
        ? await client.chat.completions.create({ ...chatCall, stream: true, messages: [] })
        : await client.responses.create({ model: "made-up", stream: true, input: "Hi" }),
    );
    assert.ok(error instanceof APIError, String(error));
    assert.equal(error.code, "bad-gateway");
    assert.match(error.message, /broke off its response/);
  }
});

test("the SDK of Anthropic throws why a stream has broken", async (t) => {
  const start = {
    type: "message_start",
    message: { id: "m", type: "message", role: "assistant", content: [], usage: { input_tokens: 1 } },
  };
  const { url } = await serve(t, { dialect: "anthropic-messages" }, [
    breaksAfter(`event: message_start\ndata: ${JSON.stringify(start)}\n\nevent: content_block_st`),
  ]);
  const client = new Anthropic({ baseURL: url, apiKey: "made-up", maxRetries: 0 });
  const error = await failure(await client.messages.create({ model: "made-up", max_tokens: 9, stream: true, messages: [] }));
  assert.ok(error instanceof AnthropicError, String(error));
  assert.match(error.message, /broke off its response/);
});

const quiet: Readonly<Partial<Record<AiDialectName, string>>> = {
  "openai-chat": `: wait\n\n${delta("")}data: {"choices":[{"delta":{"role":"assistant"},"finish_reason":null}]}\n\n`,
  "anthropic-messages": 'event: message_start\ndata: {"type":"message_start"}\n\nevent: ping\ndata: {"type":"ping"}\n\n',
  "openai-responses":
    'event: response.created\ndata: {"type":"response.created","response":{"status":"in_progress","error":null,"usage":null}}\n\n',
};

test("comments, pings, starts and empty deltas are no content: the next target is asked, and metered alone", async (t) => {
  for (const [dialect, stream] of Object.entries(quiet) as [AiDialectName, string][]) {
    const capture = captures.find((one) => one.dialect === dialect && one.type === "text/event-stream");
    assert.ok(capture);
    const silent: Backend = (socket) => void socket.write(eventHead + chunk(stream));
    const { url, ended } = await serve(t, { dialect }, [silent, sends(capture.body)], { firstEventTimeoutMs: 1_500 });
    assert.equal(await (await post(url, capture.request)).text(), capture.body);
    await eventually(() => ended.length === 1, `the call has ended: ${dialect}`, { state: () => ended.length });
    assert.deepEqual({ ...ended[0]?.usage, ...capture.usage }, ended[0]?.usage);
  }
});

test("text, a tool call, a finish reason and an end are content: what follows may take its time", async (t) => {
  const tool = { choices: [{ delta: { tool_calls: [{ index: 0, function: { name: "find", arguments: "{" } }] } }] };
  for (const stream of [
    delta("Hello"),
    `data: ${JSON.stringify(tool)}\n\n`,
    'data: {"choices":[{"delta":{},"finish_reason":"length"}]}\n\n',
    "data: [DONE]\n\n",
  ]) {
    const slow: Backend = (socket) => void socket.write(eventHead + chunk(stream));
    const { url } = await serve(t, { dialect: "openai-chat" }, [slow, sends("data: second\n\n")], { firstEventTimeoutMs: 60_000 });
    const response = await post(url, chatCall);
    const reader = response.body?.getReader();
    assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), stream);
    await reader?.cancel();
  }
});

test("an error as the first event leads to the next target, and to the client if there is none", async (t) => {
  const overloaded = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n';
  const request = { model: "made-up", max_tokens: 9, stream: true, messages: [] };
  const both = await serve(t, { dialect: "anthropic-messages" }, [sends(overloaded), sends("event: message_stop\ndata: {}\n\n")], {
    firstEventTimeoutMs: 60_000,
  });
  assert.equal(await (await post(both.url, request)).text(), "event: message_stop\ndata: {}\n\n");
  const alone = await serve(t, { dialect: "anthropic-messages" }, [sends(overloaded)], { firstEventTimeoutMs: 60_000 });
  assert.equal(await (await post(alone.url, request)).text(), overloaded);
});

test("an error with a listed code leads to the next target, and any other reaches the client", async (t) => {
  const refuses = (code: string): Backend => {
    const body = JSON.stringify({ error: { message: "No.", type: "invalid_request_error", code } });
    return (socket) =>
      void socket.write(`HTTP/1.1 400 No\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  };
  const options = { dialect: "openai-chat", failOverOn: ["context_length_exceeded"] } as const;
  const moved = await serve(t, options, [refuses("context_length_exceeded"), sends(`${delta("Hello")}data: [DONE]\n\n`)]);
  assert.equal(await (await post(moved.url, chatCall)).text(), `${delta("Hello")}data: [DONE]\n\n`);
  for (const backends of [
    [refuses("content_policy_violation"), sends(delta("Hello"))],
    [refuses("context_length_exceeded"), refuses("context_length_exceeded")],
  ]) {
    const { url } = await serve(t, options, backends);
    const response = await post(url, chatCall);
    assert.equal(response.status, 400);
    assert.match(await response.text(), /"message":"No\."/);
  }
});

test("a client that leaves is charged by what has come, and the call ends once", async (t) => {
  const { url, ended } = await serve(t, { dialect: "openai-chat" }, [
    (socket) => void socket.write(eventHead + chunk(delta("Hello there"))),
  ]);
  const response = await post(url, chatCall);
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  await eventually(() => ended.length > 0, "the call has ended");
  assert.deepEqual([ended[0]?.outcome, ended[0]?.usage.source, ended[0]?.usage.output], ["client-left", "estimated", 3]);
});

test("a request that has not passed aiCall() has no filter", async (t) => {
  const target = await serveBackend(t, sends("data: hello\n\n"));
  const proxy = downstreamProxy({ target, filter: aiResponseFilter });
  const app = await listen(toListener(proxy));
  t.after(() => app[Symbol.asyncDispose]());
  assert.equal(await (await fetch(app.url, { method: "POST" })).text(), "data: hello\n\n");
  await proxy.close();
});

const named = (data: { readonly type: string }): string => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const failing = { type: "function", name: "report", parameters: { properties: { error: { type: "object" } } } };
const created = named({ type: "response.created", response: { status: "in_progress", error: null, tools: [failing] } } as never);
const toolFailed = named({
  type: "response.output_item.done",
  item: { type: "mcp_call", name: "search", error: { type: "http_error", code: 404, message: "not found" } },
} as never);
const said = named({ type: "response.output_text.delta", delta: "Hello" } as never);
const completed = named({
  type: "response.completed",
  response: { status: "completed", error: null, tools: [failing], usage: { input_tokens: 3, output_tokens: 4 } },
} as never);
const unfiltered = `data: ${JSON.stringify({
  choices: [
    { index: 0, delta: { content: "Hello" }, content_filter_results: { error: { code: "content_filter_error", message: "late" } } },
  ],
})}\n\n`;

for (const [what, dialect, stream, end] of [
  ["the definition of a tool", "openai-responses", created + said, completed],
  ["the result of a tool", "openai-responses", toolFailed + said, completed],
  ["the results of a content filter", "openai-chat", unfiltered, "data: [DONE]\n\n"],
] as const) {
  test(`an error within ${what} is none of the stream: it is complete, goes to no other target, and is broken without its end`, async (t) => {
    const call = { model: "made-up", stream: true };
    const { url, ended } = await serve(t, { dialect, askUsage: false }, [sends(stream + end), sends("")], { firstEventTimeoutMs: 60_000 });
    assert.equal(await (await post(url, call)).text(), stream + end);
    await eventually(() => ended[0]?.outcome === "completed", "the call has ended");
    const broken = await serve(t, { dialect, askUsage: false }, [sends(stream)]);
    assert.match(await (await post(broken.url, call)).text(), /ended before it was complete/);
  });
}

test("a response that fails before any text leads to the next target", async (t) => {
  const failed = named({
    type: "response.failed",
    response: { status: "failed", error: { code: "server_error", message: "no" } },
  } as never);
  const whole = created + said + completed;
  const { url } = await serve(t, { dialect: "openai-responses" }, [sends(created + failed), sends(whole)], { firstEventTimeoutMs: 60_000 });
  assert.equal(await (await post(url, { model: "made-up", stream: true })).text(), whole);
});

test("a stream whose last event is too large to be held is complete, and its usage is read", async (t) => {
  const picture = { type: "image_generation_call", status: "completed", result: "iVBORw0KGgo".repeat(140_000) };
  const usage = { input_tokens: 30, output_tokens: 40, output_tokens_details: { reasoning_tokens: 5 }, total_tokens: 70 };
  const last = {
    type: "response.completed",
    response: { status: "completed", output: [picture], usage, metadata: {} },
    sequence_number: 9,
  };
  const stream = said + named({ type: "response.output_item.done", item: picture } as never) + named(last);
  const { url, ended } = await serve(t, { dialect: "openai-responses" }, [sends(stream)]);
  const client = new OpenAI({ baseURL: url, apiKey: "made-up", maxRetries: 0 });
  const types: string[] = [];
  for await (const event of await client.responses.create({ model: "made-up", input: "Draw", stream: true })) types.push(event.type);
  assert.deepEqual(types, ["response.output_text.delta", "response.output_item.done", "response.completed"]);
  await eventually(() => ended.length === 1, "the call has ended");
  const { outcome, usage: counted } = ended[0] ?? assert.fail("no call has ended");
  assert.deepEqual([outcome, counted.source, counted.input, counted.output, counted.reasoning], ["completed", "reported", 30, 40, 5]);
});
