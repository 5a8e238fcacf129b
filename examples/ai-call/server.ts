// An Express app before a server that speaks the API of OpenAI, such as vLLM or Ollama. It allows some models, limits their output, and
// prints the tokens of each call. Point an SDK at it: new OpenAI({ baseURL: "http://localhost:3000/v1" }).
import { once } from "node:events";

import { aiCall, aiCallEnded, aiResponseFilter } from "@aivillage/ai-call";
import { downstreamProxy } from "@aivillage/downstream-proxy";
import { problemDetails } from "@aivillage/problem-details";
import express from "express";

aiCallEnded.subscribe(({ call, usage, outcome }) => {
  console.log(`${call.model} ${outcome}: ${usage.input} input and ${usage.output} output tokens, ${usage.source}`);
});

const models = downstreamProxy({
  targets: [{ name: "models", url: process.env["MODELS_URL"] ?? "http://localhost:11434" }],
  filter: aiResponseFilter,
});
const app = express();
app.post("/v1/chat/completions", aiCall({ dialect: "openai-chat", models: ["llama*", "qwen*"], maxOutputTokens: 1_024 }), models);
app.use(problemDetails());

const port = Number(process.env["PORT"] ?? 3000);
const server = app.listen(port, () => console.log(`The way to the models listens on http://localhost:${port}`));

process.once("SIGTERM", () => {
  server.close();
  void once(server, "close").then(() => models.close());
});
