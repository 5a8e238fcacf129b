import type { IncomingMessage, ServerResponse } from "node:http";
import type { TestContext } from "node:test";

import { aiCall, type AiDialectName, getAiCall, getAiProgress } from "@aivillage/ai-call";
import type { Handler } from "@aivillage/middleware";
import { problemDetails } from "@aivillage/problem-details";
import type { Host, RunningServer } from "@aivillage/testing";

import { type Budget, tokenBudget, type TokenBudgetHandler, type TokenBudgetOptions } from "../src/index.ts";

export interface App extends RunningServer {
  readonly budget: TokenBudgetHandler;
  /** Requests that reached the handler behind the budget. */
  readonly reached: IncomingMessage[];
}

export const monthly: Budget = {
  name: "monthly",
  unit: "tokens",
  limit: 1_000,
  period: "month",
  key: (req) => req.headers["x-user"]?.toString(),
};

/** An app whose handler takes the place of a backend. */
export async function serveBudget(
  t: TestContext,
  host: Host,
  options: Partial<TokenBudgetOptions>,
  respond: (res: ServerResponse, req: IncomingMessage) => void,
  dialect: AiDialectName = "openai-chat",
): Promise<App> {
  const budget = tokenBudget({ budgets: [monthly], call: getAiCall, usage: getAiProgress, ...options });
  const reached: IncomingMessage[] = [];
  const backend: Handler = (req, res) => {
    reached.push(req);
    respond(res, req);
  };
  const server = await host.serve([aiCall({ dialect }), budget, backend], problemDetails());
  t.after(async () => {
    await server[Symbol.asyncDispose]();
    budget.close();
  });
  return Object.assign(server, { budget, reached });
}

export function call(url: string, body: object, user = "ann"): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-user": user },
    body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hello" }], ...body }),
  });
}

/** The response of a server that answers at once and reports usage. */
export function respondWith(input: number, output: number): (res: ServerResponse) => void {
  return (res) => {
    res.writeHead(200, { "Content-Type": "application/json" });
    const choices = [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }];
    res.end(JSON.stringify({ model: "m", choices, usage: { prompt_tokens: input, completion_tokens: output } }));
  };
}
