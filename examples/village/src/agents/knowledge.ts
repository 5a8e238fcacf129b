import { HttpProblem } from "@aivillage/middleware";
import { getRequestId, getTraceContext } from "@aivillage/request-id";

import type { Agent, Answer, Question } from "./agent.ts";

/** Where and how long the knowledge agent asks. */
export interface KnowledgeAgentOptions {
  /** Origin of the knowledge system. */
  knowledgeUrl: string;
  timeoutMs: number;
}

/** Asks the knowledge system; it accepts every question. */
export function knowledgeAgent({ knowledgeUrl, timeoutMs }: KnowledgeAgentOptions): Agent {
  const target = new URL("/v1/query", knowledgeUrl);
  return {
    name: "knowledge",
    accepts: () => true,
    async answer(question) {
      const signal = AbortSignal.any([question.signal, AbortSignal.timeout(timeoutMs)]);
      try {
        return await readAnswer(await fetch(target, { method: "POST", headers: toHeaders(question), body: toJson(question), signal }));
      } catch (error) {
        throw error instanceof HttpProblem ? error : toProblem(error);
      }
    },
  };
}

function toHeaders({ req }: Question): Record<string, string> {
  const trace = getTraceContext(req);
  return {
    "Content-Type": "application/json",
    "X-Request-Id": getRequestId(req) ?? "",
    ...(trace !== undefined && { traceparent: trace.traceparent }),
    ...(trace?.tracestate !== undefined && { tracestate: trace.tracestate }),
  };
}

function toJson({ query, sessionId, options }: Question): string {
  return JSON.stringify({ query, session_id: sessionId, options });
}

async function readAnswer(response: Response): Promise<Answer> {
  const body: unknown = await response.json();
  const { answer, sources, detail } = Object(body) as Record<string, unknown>;
  if (response.status === 400) throw new HttpProblem({ status: 400, ...(typeof detail === "string" && { detail }) });
  if (response.ok && typeof answer === "string" && Array.isArray(sources)) return { answer, sources };
  const problem = response.ok ? "its response has no `answer` with `sources`" : `it responded with status ${response.status}`;
  throw new HttpProblem({ status: 502, detail: `The knowledge system could not be used: ${problem}.` });
}

/** Too late is 504, a response that is not JSON is 502, no connection is 503. */
function toProblem(cause: unknown): HttpProblem {
  if (Object(cause).name === "TimeoutError")
    return new HttpProblem({ status: 504, detail: "The knowledge system did not respond in time.", cause });
  if (cause instanceof SyntaxError)
    return new HttpProblem({ status: 502, detail: "The knowledge system did not respond with JSON.", cause });
  return new HttpProblem({ status: 503, detail: "The knowledge system cannot be reached.", headers: { "Retry-After": "5" }, cause });
}
