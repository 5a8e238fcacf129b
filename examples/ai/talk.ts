// Talks to language models through the gateway, with the official packages of OpenAI and Anthropic. A fake provider takes the place of the
// real ones: it repeats its input. Then the gateway reports how many tokens that used.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { loadConfig, startGateway } from "@aivillage/gateway";
import { startFakeProvider } from "@aivillage/testing/fake-provider";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI, { APIError } from "openai";

const folder = mkdtempSync(join(tmpdir(), "aivillage-ai-"));
const upstreamKeyFile = join(folder, "provider-key");
writeFileSync(upstreamKeyFile, "sk-key-of-the-provider", { mode: 0o600 });
const provider = await startFakeProvider({ key: "sk-key-of-the-provider" });

const apiKey = "key-of-ada-0123456789";
const upstream = [provider.url];
const config = loadConfig({
  env: { GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0", API_KEY: apiKey, API_KEY_CARRIERS: "authorization,x-api-key" },
});
const ignore = (): void => undefined;
const gateway = await startGateway(
  {
    ...config,
    routes: [
      { path: "/v1/chat/completions", upstream, upstreamKeyFile, body: "openai-chat", ai: { dialect: "openai-chat", models: ["gpt-*"] } },
      { path: "/v1/messages", upstream, upstreamKeyFile, body: "anthropic-messages", ai: "anthropic-messages" },
    ],
  },
  { logger: { debug: ignore, info: ignore, warn: ignore, error: ignore } },
);

const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey });
const stream = await openai.chat.completions.create({
  model: "gpt-made-up",
  stream: true,
  messages: [{ role: "user", content: "The ferry to Brest leaves at seven." }],
});
let text = "";
for await (const { choices } of stream) text += choices[0]?.delta.content ?? "";
console.log(`OpenAI: ${text}`);

const anthropic = new Anthropic({ baseURL: gateway.url, apiKey });
const message = await anthropic.messages.create({
  model: "claude-made-up",
  max_tokens: 100,
  messages: [{ role: "user", content: "The tide is high at noon." }],
});
console.log(`Anthropic: ${message.content.map((block) => (block.type === "text" ? block.text : "")).join("")}`);

const messages = [{ role: "user" as const, content: "Hello" }];
const refused = await openai.chat.completions.create({ model: "other", messages }).catch((error: unknown) => error);
if (refused instanceof APIError) console.log(`Refused: ${refused.message} (${refused.code})`);

const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
for (const [, direction, model, count] of metrics.matchAll(/_usage_(input|output)_tokens_total\{.*gen_ai_request_model="(.+)"\} (\d+)/g)) {
  console.log(`${model}: ${count} ${direction} tokens`);
}

await gateway.close();
await provider[Symbol.asyncDispose]();
rmSync(folder, { recursive: true });
