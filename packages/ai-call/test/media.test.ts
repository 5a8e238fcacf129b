import assert from "node:assert/strict";
import { test } from "node:test";

import { dialects } from "../src/index.ts";
import { readCall } from "../src/request/read-call.ts";

const anthropic = dialects.get("anthropic-messages");
const chat = dialects.get("openai-chat");
assert.ok(anthropic && chat);
const prose = "The quick brown fox jumps over the lazy dog. ".repeat(2_000);
const base64 = "iVBORw0KGgo".repeat(2_000);

function estimated(content: unknown, dialect = chat ?? assert.fail()): readonly [tokens: number, media: number] {
  const { call } = readCall(Buffer.from(JSON.stringify({ messages: [{ role: "user", content }] })), dialect);
  return [call.estimatedInputTokens, call.media];
}

test("text is no picture, whatever it begins with and whatever its member is called", () => {
  const [plain] = estimated(prose);
  for (const content of [
    `data: ${prose}`,
    [{ type: "text", text: `data:image/png;base64,${prose}` }],
    [{ type: "tool_use", input: { data: prose } }],
    [{ type: "tool_use", input: { url: prose } }],
    [{ type: "tool_use", input: { note: `data:${prose}` } }],
    [{ type: "tool_result", content: `data:${prose.replaceAll(" ", "\n")}` }],
  ]) {
    const [tokens, media] = estimated(content);
    assert.equal(media, 0, JSON.stringify(content).slice(0, 60));
    assert.ok(tokens >= plain, `${tokens} of ${plain} tokens: ${JSON.stringify(content).slice(0, 60)}`);
  }
});

test("a picture, a recording and a document count as one each, in the form of any API", () => {
  for (const content of [
    [{ type: "image_url", image_url: { url: `data:image/png;base64,${base64}` } }],
    [{ type: "image_url", image_url: { url: "https://pictures.example/1.png?size=large" } }],
    [{ type: "input_image", image_url: `data:image/png;base64,${base64}` }],
    [{ type: "input_audio", input_audio: { data: base64, format: "wav" } }],
    [{ type: "file", file: { file_data: `data:application/pdf;base64,${base64}` } }],
    [{ type: "video", video: `data:video/mp4;base64,${base64}` }],
    [{ type: "image", source: { type: "base64", media_type: "image/png", data: base64 } }],
  ]) {
    const [tokens, media] = estimated(content, anthropic);
    assert.equal(media, 1, JSON.stringify(content).slice(0, 60));
    assert.ok(tokens >= 1_000 && tokens < 1_100, String(tokens));
  }
});
