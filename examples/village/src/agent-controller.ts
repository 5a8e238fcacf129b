import express, { type Express, type Response } from "express";

import { arithmeticAgent } from "./agents/arithmetic.ts";
import { knowledgeAgent } from "./agents/knowledge.ts";
import { maxTextLength, readBody, readSessionId, readText, service } from "./service.ts";

/** Options of `agentController()`. */
export interface AgentControllerOptions {
  /** Origin of the knowledge system, such as `http://127.0.0.1:8003`. */
  knowledgeUrl: string;
  /** How long the knowledge system may take. Default 10 s. */
  timeoutMs?: number;
}

/** The agent controller: gives every question to the first agent that accepts it, and reports which one it was. */
export function agentController({ knowledgeUrl, timeoutMs = 10_000 }: AgentControllerOptions): Express {
  const lastAgent = knowledgeAgent({ knowledgeUrl, timeoutMs });
  const agents = [arithmeticAgent, lastAgent];

  return service((app) => {
    app.post("/v1/query", express.json({ limit: "256kb" }), async (req, res) => {
      const { query: given, session_id, options } = readBody(req);
      const query = readText(given, "query", maxTextLength);
      const sessionId = readSessionId(session_id);
      const agent = agents.find(({ accepts }) => accepts(query)) ?? lastAgent;
      const { answer, sources } = await agent.answer({ query, sessionId, options, req, signal: whenGone(res) });
      res.json({ answer, agent: agent.name, sources, ...(sessionId !== undefined && { session_id: sessionId }) });
    });
  });
}

/** Aborts when the client leaves before the response. */
function whenGone(res: Response): AbortSignal {
  const controller = new AbortController();
  res.once("close", () => controller.abort());
  return controller.signal;
}
