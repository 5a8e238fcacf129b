import assert from "node:assert/strict";
import { test } from "node:test";

import { assertProblem, bare, post } from "./problem-app.ts";

const attack = "x' or 1=1 -- ";
const reply = "Write <script>alert(1)</script> into the page.";
/** As a stranger describes a body that other programs define. */
const body = {
  type: "object",
  properties: {
    messages: { type: "array", screen: { conversation: "prose" } },
    input: { type: ["string", "array"], screen: { conversation: "prose" } },
    system: { type: ["string", "array"], screen: { flag: "prose" } },
    tools: { type: "array", screen: { flag: "model" } },
  },
} as const;
const user = (content: unknown) => ({ role: "user", content });
const assistant = (content: unknown) => ({ role: "assistant", content });

const send = (document: object) => post(bare, { body }, document);
const places = async (document: object): Promise<unknown> => {
  const response = await send(document);
  return response.status === 200
    ? response.json.findings?.map(({ pointer }) => pointer)
    : response.json.errors?.map((error) => error["pointer"]);
};
const passes = async (document: object, ...flagged: string[]): Promise<void> => {
  const response = await send(document);
  assert.equal(response.status, 200, response.text);
  assert.deepEqual([...new Set(response.json.findings?.map(({ pointer }) => pointer))], flagged);
};
const refuses = async (document: object, pointer: string): Promise<void> => {
  assertProblem(await send(document), 422, "input-refused");
  assert.deepEqual([...new Set((await places(document)) as string[])], [pointer]);
};

test("what the user has just said refuses, and what was said before is flagged", async () => {
  await refuses({ messages: [user("Hello"), assistant("Hi"), user(attack)] }, "#/messages/2/content");
  await refuses({ messages: [user("Hello"), assistant("Hi"), user(attack), user("Well?")] }, "#/messages/2/content");
  await passes({ messages: [user(attack), assistant("Hi"), user("And now?")] }, "#/messages/0/content");
});

test("replies, instructions and results of tools are flagged", async () => {
  await passes({ messages: [user("How?"), assistant(reply), user("Thanks")] }, "#/messages/1/content");
  for (const role of ["system", "developer", "tool", "function"]) {
    await passes({ messages: [{ role, content: attack }, user("Hello")] }, "#/messages/0/content");
  }
  const call = { type: "function", function: { name: "sql", arguments: `{"q":"${attack}"}` } };
  await passes({ messages: [user("Run"), { role: "assistant", tool_calls: [call] }] }, "#/messages/1/tool_calls/0/function/arguments");
  await passes(
    { system: attack, tools: [{ name: "a", description: reply }], messages: [user("Hello")] },
    "#/system",
    "#/tools/0/description",
  );
});

test("a reply that the model is to continue does not hide the turn before it", async () => {
  await refuses({ messages: [user(attack), assistant("")] }, "#/messages/0/content");
  await refuses({ messages: [user(attack), { role: "tool", content: "done" }] }, "#/messages/0/content");
});

test("messages of unknown speakers count as the user's", async () => {
  for (const message of [
    { role: "human", content: attack },
    { role: ["assistant"], content: attack },
    { content: attack },
    attack,
    [attack],
  ]) {
    assertProblem(await send({ messages: [message] }), 422, "input-refused");
  }
  assertProblem(await send({ messages: [{ role: "Assistant", content: attack }, user("Hello")] }), 422, "input-refused");
});

test("parts of a message are looked at, and what a tool returned to the user's side is flagged", async () => {
  await refuses(
    {
      messages: [
        user([
          { type: "text", text: "Hello" },
          { type: "text", text: attack },
        ]),
      ],
    },
    "#/messages/0/content/1/text",
  );
  const result = { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: reply }] };
  const turns = [user("Run"), assistant([{ type: "tool_use", id: "toolu_1", name: "run", input: { q: attack } }])];
  await passes({ messages: [...turns, user([result])] }, "#/messages/1/content/0/input/q", "#/messages/2/content/0/content/0/text");
  await refuses({ messages: [...turns, user([result, { type: "text", text: attack }])] }, "#/messages/2/content/1/text");
});

test("the items of OpenAI's Responses API are distinguished by their type", async () => {
  await refuses({ input: attack }, "#/input");
  await refuses({ input: [{ role: "user", content: [{ type: "input_text", text: attack }] }] }, "#/input/0/content/0/text");
  const turn = [
    { type: "message", role: "user", content: "Run" },
    { type: "function_call", call_id: "a", name: "run", arguments: attack },
  ];
  await passes(
    { input: [...turn, { type: "function_call_output", call_id: "a", output: reply }] },
    "#/input/1/arguments",
    "#/input/2/output",
  );
  await passes(
    { input: [{ type: "message", role: "assistant", content: [{ type: "output_text", text: reply }] }, user("Go on")] },
    "#/input/0/content/0/text",
  );
});

test("a refused message that is dropped or edited lets the conversation go on", async () => {
  const before = [user("Hello"), assistant(reply)];
  await refuses({ messages: [...before, user(attack)] }, "#/messages/2/content");
  await passes({ messages: [...before, user("What is a condition in SQL?")] }, "#/messages/1/content");
});

test("a profile in a message holds for its text, and not for whether it refuses", async () => {
  const turn = { type: "object", properties: { role: { type: "string" }, content: { type: "string", screen: "strict" } } };
  const own = { type: "object", properties: { messages: { type: "array", screen: { conversation: "prose" }, items: turn } } };
  const response = await post(bare, { body: own }, { messages: [user("a|b"), assistant("ok"), user("Hello")] });
  assert.deepEqual([response.status, response.json.findings?.[0]?.rule], [200, "sign"]);
  assertProblem(await post(bare, { body: own }, { messages: [user("a|b")] }), 422, "input-refused");
});

test("the keyword on an object or array holds for all that is in it, names of members too", async () => {
  const open = (screen: unknown) => ({ body: { type: "object", properties: { meta: { type: "object", screen } } } });
  const document = { meta: { notes: [{ text: "Is a|b right?" }], "<img src=x onerror=alert(1)>": 1 } };
  assertProblem(await post(bare, open("prose"), document), 422, "input-refused");
  assert.equal((await post(bare, open({ flag: "prose" }), document)).status, 200);
  assert.deepEqual((await post(bare, open({ off: "opaque" }), document)).json.findings, []);
  assert.equal((await post(bare, open("prose"), { meta: { notes: [{ text: "Is a|b right?" }] } })).status, 200);
  assertProblem(await post(bare, open({ off: "opaque" }), '{"meta":{"__proto__":1}}'), 400, "forbidden-key");
});

test("two conversations of one body are judged apart, however many messages they have", async () => {
  const turns = Array.from({ length: 100 }, () => [user("Why is that?"), assistant("Because of <b>this</b>.")]).flat();
  await refuses({ messages: [...turns, user("Hello")], input: [...turns, user(attack)] }, "#/input/200/content");
});
