import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import { listen } from "@aivillage/testing";

import { knowledgeSystem } from "../src/knowledge-system.ts";

const service = await listen(knowledgeSystem());
after(() => service[Symbol.asyncDispose]());

interface Found {
  answer: string;
  sources: { title: string; text: string; score: number }[];
  session_id?: string;
}

const post = (path: string, body: unknown, headers: Record<string, string> = { "Content-Type": "application/json" }): Promise<Response> =>
  fetch(`${service.url}${path}`, { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) });

async function ask(query: string, more: object = {}): Promise<Found> {
  const response = await post("/v1/query", { query, ...more });
  assert.equal(response.status, 200);
  return (await response.json()) as Found;
}

async function upload(name: string, content: string | Uint8Array<ArrayBuffer>, field = "file"): Promise<Response> {
  const form = new FormData();
  form.append("note", "a field beside the file");
  form.append(field, new Blob([content], { type: "text/plain" }), name);
  return fetch(`${service.url}/v1/upload`, { method: "POST", body: form });
}

async function assertProblem(response: Response, status: number, detail: RegExp): Promise<void> {
  assert.equal(response.status, status);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const problem = (await response.json()) as { status: number; detail: string; request_id: string };
  assert.equal(problem.status, status);
  assert.match(problem.detail, detail);
  assert.equal(problem.request_id, response.headers.get("x-request-id"));
}

describe("questions about countries", () => {
  const answers: readonly (readonly [question: string, answer: string, title: string])[] = [
    ["What is the capital of France?", "The capital of France is Paris.", "France"],
    ["what's the capital of france", "The capital of France is Paris.", "France"],
    ["captial of Frnce", "The capital of France is Paris.", "France"],
    ["Paris is the capital of which country?", "The capital of France is Paris.", "France"],
    ["capital of Japan", "The capital of Japan is Tokyo.", "Japan"],
    ["What is the capital of the United States?", "The capital of the United States is Washington D.C.", "United States"],
    ["capital of the USA", "The capital of the United States is Washington D.C.", "United States"],
    ["Capital of the UK?", "The capital of the United Kingdom is London.", "United Kingdom"],
    ["CAPITAL OF SOUTH AFRICA", "The capitals of South Africa are Pretoria, Bloemfontein, and Cape Town.", "South Africa"],
    ["Which capital does Guinea have?", "The capital of Guinea is Conakry.", "Guinea"],
    ["What is the currency of Brazil?", "The currency of Brazil is the Brazilian real (BRL, R$).", "Brazil"],
    ["currency of Niger", "The currency of Niger is the West African CFA franc (XOF, Fr).", "Niger"],
    ["currency of Nigeria", "The currency of Nigeria is the Nigerian naira (NGN, ₦).", "Nigeria"],
    [
      "Which countries border Austria?",
      "Austria is landlocked and borders Czechia, Germany, Hungary, Italy, Liechtenstein, Slovakia, Slovenia, and Switzerland.",
      "Austria",
    ],
    ["neighbours of Japan", "Japan has no land borders.", "Japan"],
    [
      "What languages are spoken in Switzerland?",
      "The languages of Switzerland are French, Swiss German, Italian, and Romansh.",
      "Switzerland",
    ],
    ["languages of Ivory Coast", "The language of Ivory Coast is French.", "Ivory Coast"],
    ["Which region is Kenya in?", "Kenya lies in Eastern Africa, in the region Africa.", "Kenya"],
    ["Where is Kenya?", "Kenya lies in Eastern Africa, in the region Africa.", "Kenya"],
    ["How large is the area of Canada?", "Canada has an area of 9,984,670 km².", "Canada"],
    ["Tell me the internet domain of São Tomé", "The internet domain of São Tomé and Príncipe is .st.", "São Tomé and Príncipe"],
  ];
  for (const [question, answer, title] of answers) {
    test(question, async () => {
      const found = await ask(question);
      assert.equal(found.answer, answer);
      assert.equal(found.sources[0]?.title, title);
      assert.equal(found.sources[0]?.text, answer);
      assert.ok((found.sources[0]?.score ?? 0) > 0);
      assert.ok(found.sources.length <= 5);
    });
  }

  for (const question of [
    "What is the capital of Atlantis?",
    "capital of Narnia",
    "Who is the president of France?",
    "population of Nauru",
    "How do I bake bread?",
    "hello",
    "?!",
  ]) {
    test(`an honest reply without sources: ${question}`, async () => {
      const { answer, sources } = await ask(question);
      assert.match(answer, /^I know nothing about that/);
      assert.deepEqual(sources, []);
    });
  }

  test("a question that matches many facts gets examples and a note", async () => {
    const { answer, sources } = await ask("Which countries use the euro?");
    assert.match(answer, /^\d\d passages speak about that, for instance: The currency of \S+ is the Euro \(EUR, €\)\. The currency/);
    assert.equal(sources.length, 5);
  });

  test("the session id comes back, and max_tokens bounds the words of the response", async () => {
    const { answer, session_id } = await ask("capital of France", { session_id: "s-1", options: { max_tokens: 3, temperature: 0.7 } });
    assert.equal(answer, "The capital of");
    assert.equal(session_id, "s-1");
  });

  test("a long question gets a quick response, whatever its words are", async () => {
    const begin = performance.now();
    await ask("x".repeat(32_000));
    await ask("captial frnce austraila ".repeat(1_300));
    // Distinguishes a hang from a slow response, no more.
    assert.ok(performance.now() - begin < 60_000);
  });
});

describe("uploads", () => {
  test("a text is split into passages and found at once by what it says", async () => {
    const text =
      "Opening hours\n\nThe village bakery opens at six in the morning. It is closed on Mondays.\n\nThe mayor is called Ada Quill.\n";
    const response = await upload("village.txt", text);
    assert.equal(response.status, 201);
    assert.deepEqual(await response.json(), { document: "village.txt", passages: 3, bytes: Buffer.byteLength(text) });

    const bakery = await ask("When does the bakery open?");
    assert.equal(bakery.answer, "The village bakery opens at six in the morning. It is closed on Mondays.");
    assert.equal(bakery.sources[0]?.title, "village.txt");
    const mayor = await ask("who is the mayor");
    assert.equal(mayor.answer, "The mayor is called Ada Quill.");
    assert.equal((await ask("capital of France")).answer, "The capital of France is Paris.");
  });

  test("a document of the same name takes the place of the earlier one", async () => {
    await upload("ferry.txt", "The ferry to Quistholm leaves at noon.");
    await upload("ferry.txt", "The ferry to Brendaholm leaves at midnight.");
    assert.equal((await ask("ferry to Brendaholm")).answer, "The ferry to Brendaholm leaves at midnight.");
    assert.deepEqual((await ask("Quistholm")).sources, []);
  });

  test("after a hundred documents the oldest one is forgotten", async () => {
    await upload("first.txt", "Zanzifoo grows on the northern slope.");
    assert.equal((await ask("zanzifoo")).sources.length, 1);
    for (let number = 1; number <= 100; number += 1) await upload(`note-${number}.txt`, `Note number ${number} is about quorblax.`);
    assert.deepEqual((await ask("zanzifoo")).sources, []);
    assert.match((await ask("quorblax")).answer, /^100 passages speak about that/);
  });

  test("a form without the file, an empty file and broken bytes are refused with what to do", async () => {
    await assertProblem(await upload("a.txt", "text", "document"), 400, /no file in the field `file`/);
    await assertProblem(await upload("a.txt", "  \n "), 400, /empty/);
    await assertProblem(await upload("a.bin", new Uint8Array([0xff, 0xd8, 0xff, 0xe0])), 415, /text in UTF-8/);
    await assertProblem(await upload("a.bin", new Uint8Array([0x41, 0, 0x42])), 415, /text in UTF-8/);
    await assertProblem(await post("/v1/upload", "just text", { "Content-Type": "text/plain" }), 415, /multipart\/form-data/);
    await assertProblem(
      await post("/v1/upload", "--b\r\nrubbish", { "Content-Type": "multipart/form-data; boundary=b" }),
      400,
      /not well-formed/,
    );
  });

  test("a form above 11 MiB is 413", async () => {
    const response = await upload("large.txt", "a line of text\n".repeat(800_000));
    assert.equal(response.status, 413);
  });
});

describe("requests that are wrong", () => {
  test("say what is wrong", async () => {
    await assertProblem(await post("/v1/query", { query: "  " }), 400, /`query` must be a text of 1 to 32768 characters/);
    await assertProblem(await post("/v1/query", {}), 400, /`query`/);
    await assertProblem(await post("/v1/query", { query: "a", session_id: 7 }), 400, /`session_id`/);
    await assertProblem(await post("/v1/query", { query: "a", options: 7 }), 400, /`options` must be an object/);
    await assertProblem(await post("/v1/query", { query: "a", options: { max_tokens: 0 } }), 400, /positive integer/);
    await assertProblem(await post("/v1/query", "{", { "Content-Type": "application/json" }), 400, /JSON/);
    await assertProblem(await post("/v1/query", "query=a", { "Content-Type": "text/plain" }), 400, /application\/json/);
    await assertProblem(await post("/v1/elsewhere", {}), 404, /nothing at this path/);
  });

  test("the health is reported, with security headers and the request id of the caller", async () => {
    const response = await fetch(`${service.url}/healthz`, { headers: { "X-Request-Id": "abc-1" } });
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { status: "healthy" });
    assert.equal(response.headers.get("x-request-id"), "abc-1");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.equal(response.headers.get("x-powered-by"), null);
  });
});
