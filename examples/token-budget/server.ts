// An Express app before a server that speaks the API of OpenAI, such as vLLM or Ollama. Each user may use so many tokens a day; a journal keeps
// what is used over restarts. Users see how they stand at /v1/budget.
import { once } from "node:events";

import { aiCall, getAiCall, getAiProgress } from "@aivillage/ai-call";
import { downstreamProxy } from "@aivillage/downstream-proxy";
import { problemDetails } from "@aivillage/problem-details";
import { budgetSettled, MemoryStore, tokenBudget } from "@aivillage/token-budget";
import express from "express";

budgetSettled.subscribe(({ charged, end }) => console.log(`${end}: ${charged["daily"]} tokens`));

const journal = process.env["JOURNAL"];
const store = new MemoryStore(journal === undefined ? {} : { journal, fsync: "always" });
const budget = tokenBudget({
  // In an app of yours, the key is what authentication has verified.
  budgets: [{ name: "daily", unit: "tokens", limit: 300, period: "day", key: (req) => req.headers["x-user"]?.toString() }],
  call: getAiCall,
  usage: getAiProgress,
  unknownMax: { reserve: 100, block: 20 },
  store,
});
const models = downstreamProxy({ targets: [{ name: "models", url: process.env["MODELS_URL"] ?? "http://localhost:11434" }] });

const app = express();
app.post("/v1/chat/completions", aiCall({ dialect: "openai-chat" }), budget, models);
app.get("/v1/budget", (req, res, next) => void budget.standing(req).then((standings) => res.json(standings), next));
app.use(problemDetails());

const port = Number(process.env["PORT"] ?? 3000);
const server = app.listen(port, () => console.log(`The way to the models listens on http://localhost:${port}`));

process.once("SIGTERM", () => {
  server.close();
  void once(server, "close").then(() => {
    budget.close();
    store.close();
    return models.close();
  });
});
