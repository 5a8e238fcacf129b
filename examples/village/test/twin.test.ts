import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { listen, type RunningServer, eventually } from "@aivillage/testing";

import { twin } from "../src/twin.ts";
import { Sessions } from "../src/twin/sessions.ts";

interface Reply {
  reply: string;
  session_id: string;
  turns: number;
}

const post = (service: RunningServer, body: unknown, init: RequestInit = {}): Promise<Response> =>
  fetch(`${service.url}/v1/chat`, {
    method: "POST",
    ...init,
    headers: { "Content-Type": "application/json", ...(init.headers as Record<string, string> | undefined) },
    body: JSON.stringify(body),
  });

async function say(service: RunningServer, message: string, session_id = "s"): Promise<Reply> {
  const response = await post(service, { message, session_id });
  assert.equal(response.status, 200);
  return (await response.json()) as Reply;
}

describe("a conversation", () => {
  test("remembers a name, in its session only", async () => {
    await using service = await listen(twin());
    assert.deepEqual(await say(service, "Hello"), { reply: "Hello. What is on your mind?", session_id: "s", turns: 1 });
    assert.equal((await say(service, "What is my name?")).reply, "I do not know your name yet.");
    assert.equal((await say(service, "My name is Ada Quill.")).reply, "Nice to meet you, Ada Quill. What would you like to talk about?");
    assert.equal((await say(service, "Do you remember my name?")).reply, "Your name is Ada Quill.");
    assert.equal((await say(service, "Hi")).reply, "Hello, Ada Quill. What is on your mind?");
    assert.equal((await say(service, "Who am I?", "another")).reply, "I do not know your name yet.");
  });

  test("counts turns, sums up what was said, and repeats itself", async () => {
    await using service = await listen(twin());
    assert.match((await say(service, "Summarise what I said")).reply, /you have said nothing before this/);
    const { reply } = await say(service, "I miss my dog");
    assert.equal((await say(service, "What did you say?")).reply, `I said: "${reply}"`);
    const counted = await say(service, "How many turns is this?");
    assert.equal(counted.reply, "This is turn 4 of our conversation.");
    assert.equal(counted.turns, 4);
    assert.match(
      (await say(service, "Please sum up")).reply,
      /^You have spoken 4 times\. You said: 1\. "Summarise.*" 2\. "I miss my dog" 3\./,
    );
  });

  test("turns what is said back to the person", async () => {
    await using service = await listen(twin());
    const replies: readonly (readonly [string, string])[] = [
      ["I feel lost without my books.", "What makes you feel lost without your books?"],
      ["I am tired of your questions", "How long have you been tired of my questions?"],
      ["I want a garden!", "What would change if you had a garden?"],
      ["I need to rest", "What would change if you had the chance to rest?"],
      ["You are kind to me", "What makes you think that I am kind to you?"],
      ["Because I'm alone", "Is that the only reason, that you are alone?"],
      ["Do you like my hat?", 'You ask: "Do I like your hat?" What do you think yourself?'],
      ["My hat is green.", "You say that your hat is green. Tell me more about it."],
      ["...", "I am listening."],
    ];
    for (const [message, reply] of replies) assert.equal((await say(service, message)).reply, reply);
  });

  test("keeps the last twenty turns", async () => {
    await using service = await listen(twin());
    for (let turn = 1; turn <= 25; turn += 1) await say(service, `Story number ${turn} is long`);
    const { reply, turns } = await say(service, "Summary");
    assert.equal(turns, 26);
    assert.match(reply, /^You have spoken 25 times, of which I remember the last 20\. You said: 1\. "Story number 6 is long" 2\./);
    assert.match(reply, /20\. "Story number 25 is long"$/);
  });

  test("without a session id begins a new session and returns its id", async () => {
    await using service = await listen(twin());
    const first = (await (await post(service, { message: "My name is Ada" })).json()) as Reply;
    const second = (await (await post(service, { message: "What is my name?" })).json()) as Reply;
    assert.notEqual(first.session_id, second.session_id);
    assert.equal((await say(service, "What is my name?", first.session_id)).reply, "Your name is Ada.");
  });

  test("can be taken up from a list of messages", async () => {
    await using service = await listen(twin());
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "My name is Ada" },
      { role: "assistant", content: "Hello, Ada." },
      { role: "user", content: "What is my name?" },
    ];
    const body = (await (await post(service, { messages, session_id: "taken-up" })).json()) as Reply;
    assert.deepEqual(body, { reply: "Your name is Ada.", session_id: "taken-up", turns: 2 });
  });
});

test("the thousand sessions that spoke last are kept", () => {
  const sessions = new Sessions();
  const oldest = sessions.open("oldest");
  const used = sessions.open("used");
  for (let number = 0; number < 999; number += 1) {
    sessions.open(`session ${number}`);
    assert.equal(sessions.open("used"), used);
  }
  assert.notEqual(sessions.open("oldest"), oldest);
});

describe("a streamed reply", () => {
  const events = { headers: { Accept: "text/event-stream" } };

  test("comes word by word, and ends with the rest of the response", async () => {
    await using service = await listen(twin({ wordDelayMs: 5 }));
    await say(service, "I miss my dog");
    const response = await post(service, { message: "I miss my cat", session_id: "s" }, events);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
    const text = await response.text();
    const blocks = text.trimEnd().split("\n\n");
    assert.equal(blocks.pop(), 'event: done\ndata: {"session_id":"s","turns":2}');
    const deltas = blocks.map((block) => (JSON.parse(block.replace(/^data: /, "")) as { delta: string }).delta);
    assert.equal(deltas.length, 12);
    assert.equal(deltas.join(""), "You say that you miss your cat. Tell me more about it.");
  });

  test("is sent as it is made, not at the end", async () => {
    await using service = await listen(twin({ wordDelayMs: 40 }));
    const response = await post(service, { message: "I miss my cat", stream: true });
    assert.ok(response.body);
    const chunks: string[] = [];
    for await (const chunk of response.body) chunks.push(Buffer.from(chunk).toString());
    assert.ok(chunks.length >= 5, chunks.join("|"));
  });

  test("stops when the client leaves, and the twin remembers what it had said", async () => {
    let written = 0;
    let left = false;
    const app = twin({ wordDelayMs: 20 });
    await using service = await listen((req, res) => {
      const write = res.write.bind(res) as (chunk: string) => boolean;
      res.write = (chunk: unknown) => {
        written += 1;
        return write(String(chunk));
      };
      if (req.headers.accept === "text/event-stream") res.once("close", () => (left = true));
      app(req, res);
    });
    const client = new AbortController();
    const message = `My story is ${"long ".repeat(400)}`;
    const response = await post(service, { message, session_id: "s" }, { ...events, signal: client.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.read();
    client.abort();
    await eventually(() => left, "the service sees that the client left");
    const writtenThen = written;
    await delay(200);
    assert.equal(written, writtenThen);
    assert.ok(written < 200);

    const { reply } = await say(service, "What did you say?");
    assert.match(reply, /^I said: "You say/);
    assert.ok(reply.length < 1_000);
  });
});

test("responses to bad requests say what is wrong, and the health is reported", async () => {
  await using service = await listen(twin());
  const bad: readonly (readonly [unknown, RegExp])[] = [
    [{}, /`message` must be a text/],
    [{ message: 7 }, /`message` must be a text/],
    [{ message: "x".repeat(32_769) }, /1 to 32768 characters/],
    [{ messages: "hello" }, /`messages` must be a list/],
    [{ messages: [] }, /of the role `user`/],
    [{ messages: [{ role: "user", content: "" }] }, /`messages\[0\].content`/],
    [{ message: "hello", session_id: "" }, /`session_id`/],
  ];
  for (const [body, detail] of bad) {
    const response = await post(service, body);
    assert.equal(response.status, 400);
    assert.match(((await response.json()) as { detail: string }).detail, detail);
  }
  assert.deepEqual(await (await fetch(`${service.url}/healthz`)).json(), { status: "healthy" });
});

test("a long message takes no time", async () => {
  await using service = await listen(twin());
  const begin = performance.now();
  await say(service, `I am ${"!".repeat(32_000)}x`);
  await say(service, `${"my name is ".repeat(2_900)}!`);
  await say(service, `my name is${" ".repeat(32_000)}!`);
  // Distinguishes a hang from a slow response, no more.
  assert.ok(performance.now() - begin < 60_000);
});
