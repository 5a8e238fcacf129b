import assert from "node:assert/strict";
import { test } from "node:test";

import { assertProblem, bare, post } from "./problem-app.ts";

const body = {
  type: "object",
  properties: { messages: { type: "array", screen: { conversation: "prose" } }, id: { type: "string" } },
} as const;
/** Bytes of every value, so that all digits of base64 occur. */
const bytes = Buffer.from(Array.from({ length: 90_000 }, (_, index) => (index * 7_919) % 256));
const data = bytes.toString("base64");
const ask = (...content: object[]) => post(bare, { body }, { messages: [{ role: "user", content }] });

test("pictures, sound and documents pass in the forms of AI services, longer than text may be", async () => {
  const parts = [
    { type: "image_url", image_url: { url: `data:image/png;base64,${data}` } },
    { type: "input_image", image_url: `data:image/jpeg;base64,${data}` },
    { type: "input_audio", input_audio: { data, format: "wav" } },
    { type: "file", file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${data}` } },
    { type: "image", source: { type: "base64", media_type: "image/png", data } },
    { inlineData: { mimeType: "image/png", data } },
  ];
  for (const part of parts) {
    const response = await ask(part, { type: "text", text: "What is this? ![x](data:image/png;base64,iVBORw0KGgo=)" });
    assert.deepEqual([response.status, response.json.findings], [200, []], JSON.stringify(part).slice(0, 80));
  }
  assert.equal((await post(bare, { body }, { id: "data:image/png;base64,iVBORw0KGgo=" })).status, 200);
});

test("they have their own limit", async () => {
  const url = `data:image/png;base64,${data}`;
  const limits = { mediaLength: url.length };
  const send = (text: string) => post(bare, { body, limits }, { id: text });
  assert.equal((await send(url)).status, 200);
  assertProblem(
    await send(`data:image/png;base64,${data}AAAA`),
    422,
    "input-too-complex",
    new RegExp(`more than ${url.length} characters`),
  );
});

test("their limit is that of the body unless one is named", async () => {
  const id = `data:image/png;base64,${"A".repeat(1_500_000)}`;
  assert.equal((await post(bare, { body, limits: { bodyBytes: 2_000_000 } }, { id })).status, 200);
  assertProblem(await post(bare, { body, limits: { bodyBytes: 2_000_000, mediaLength: 1_000_000 } }, { id }), 422, "input-too-complex");
});

test("what only looks like one is text", async () => {
  const text = { type: "text", text: "x" };
  for (const invalid of [`${data}!`, "PHNjcmlwdD4' or 1=1 -- "]) {
    assert.equal((await ask({ type: "image_url", image_url: { url: `data:image/png;base64,${invalid}` } }, text)).status, 422);
    assert.equal((await ask({ type: "image", source: { type: "base64", media_type: "image/png", data: invalid } }, text)).status, 422);
  }
  assertProblem(await ask({ type: "x", media_type: "text/html", data: "<script>alert(1)</script>" }), 422, "input-refused");
  assertProblem(await ask({ type: "x", image_url: { url: "data:text/html;base64,PHNjcmlwdD4=" } }), 422, "input-refused");
});
