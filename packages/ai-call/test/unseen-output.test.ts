import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { eventually, forEachHost } from "@aivillage/testing";

import type { AiCallOptions, AiUsage } from "../src/index.ts";
import { type App, post, serveCalls } from "./app.ts";

const send =
  (type: string | undefined, body: string | Buffer, headers: Record<string, string> = {}) =>
  (res: ServerResponse): void =>
    void res.writeHead(200, { ...(type !== undefined && { "Content-Type": type }), ...headers }).end(body);
const outputOf = ({ ended }: App): unknown[] => {
  const { source, output } = ended.at(-1)?.usage ?? ({} as Partial<AiUsage>);
  return [source, output];
};
const completion = JSON.stringify({
  choices: [{ message: { content: "A made-up answer of some length." } }],
  usage: { prompt_tokens: 3, completion_tokens: 9 },
});

forEachHost((host) => {
  test("a call in the background counts with all the output that it may have, until its tokens are reported", async (t) => {
    const options: AiCallOptions = { dialect: "openai-responses", maxOutputTokens: 500 };
    const queued = JSON.stringify({ id: "resp_1", status: "queued", output: [], usage: null });
    const app = await serveCalls(t, host, options, send("application/json", queued));
    for (const [body, expected] of [
      [{ background: true }, 500],
      [{ background: true, max_output_tokens: 40 }, 40],
      [{ background: false }, 0],
    ] as const) {
      await (await post(app.url, { model: "m", input: "Hello", ...body })).text();
      assert.deepEqual(outputOf(app), ["estimated", expected], JSON.stringify(body));
    }
    const completed = JSON.stringify({ status: "completed", output: [], usage: { input_tokens: 2, output_tokens: 7 } });
    const reporting = await serveCalls(t, host, options, send("application/json", completed));
    await (await post(reporting.url, { model: "m", input: "Hello", background: true })).text();
    assert.deepEqual(outputOf(reporting), ["reported", 7]);
  });

  test("a call in the background that the backend refuses used nothing", async (t) => {
    const app = await serveCalls(
      t,
      host,
      { dialect: "openai-responses", maxOutputTokens: 500 },
      (res) => void res.writeHead(400).end("{}"),
    );
    await (await post(app.url, { model: "m", input: "Hello", background: true })).text();
    assert.deepEqual(outputOf(app), ["estimated", 0]);
  });

  test("a response that cannot be read counts by its bytes, up to the limit of the call", async (t) => {
    const compressed = gzipSync(completion);
    for (const [respond, bytes] of [
      [send("application/json", compressed, { "Content-Encoding": "gzip" }), compressed.length],
      [send(undefined, completion), completion.length],
      [send("text/plain", completion), completion.length],
    ] as const) {
      const app = await serveCalls(t, host, { dialect: "openai-chat" }, respond);
      await (await post(app.url, { messages: [] })).arrayBuffer();
      assert.deepEqual(outputOf(app), ["estimated", bytes]);
      await (await post(app.url, { messages: [], max_tokens: 5, n: 3 })).arrayBuffer();
      assert.deepEqual(outputOf(app), ["estimated", 15]);
    }
  });

  test("a call whose client leaves before anything came counts with what a model may have written meanwhile", async (t) => {
    for (const [dialect, body, least, most] of [
      ["openai-chat", { messages: [], max_tokens: 400, n: 2 }, 2, 800],
      ["openai-chat", { messages: [], max_tokens: 1 }, 1, 1],
      ["openai-embeddings", { input: "Hello" }, 0, 0],
    ] as const) {
      const asked: ServerResponse[] = [];
      const app = await serveCalls(t, host, { dialect }, (res) => void asked.push(res));
      const leaving = new AbortController();
      const response = fetch(app.url, { method: "POST", body: JSON.stringify(body), signal: leaving.signal });
      await eventually(() => asked.length > 0, "the call is made");
      leaving.abort();
      await assert.rejects(response);
      const call = await eventually(() => app.ended[0], "the call ended");
      assert.ok(call);
      const { outcome, usage } = call;
      assert.deepEqual([outcome, usage.source], ["client-left", "estimated"]);
      assert.ok(usage.output >= least && usage.output <= most, String(usage.output));
    }
  });

  test("embeddings have no output, whatever their response looks like", async (t) => {
    const app = await serveCalls(
      t,
      host,
      { dialect: "openai-embeddings" },
      send("application/json", gzipSync("{}"), { "Content-Encoding": "gzip" }),
    );
    await (await post(app.url, { model: "m", input: "Hello" })).arrayBuffer();
    assert.deepEqual(outputOf(app), ["estimated", 0]);
  });

  test("a JSON response that breaks off counts with the text that has passed", async (t) => {
    const app = await serveCalls(t, host, { dialect: "openai-chat" }, (res) => {
      res.writeHead(200, { "Content-Type": "application/json" });
      res.write(completion.slice(0, 60), () => res.destroy());
    });
    await assert.rejects(post(app.url, { messages: [] }).then((response) => response.text()));
    await eventually(() => app.ended.length === 1, "the call has ended");
    const [source, output] = outputOf(app);
    assert.equal(source, "estimated");
    assert.ok(Number(output) >= 5 && Number(output) <= 60, String(output));
  });
});
