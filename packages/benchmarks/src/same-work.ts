import type { CaseId } from "./cases.ts";
import type { Contestant } from "./contestants.ts";
import { chatRequest, localRequest, pageOrigin, type RequestShape } from "./traffic.ts";

/**
 * Makes sure, before anything is timed, that a full stack does the work that it is timed for: keys, body check, headers of
 * helmet, CORS and rate limits, metrics.
 *
 * @throws Error that says what is missing
 */
export async function demandSameWork({ kind }: Contestant, id: CaseId, port: number): Promise<void> {
  if (kind !== "ours" && kind !== "stack") return;
  if (id === "post") {
    const { Authorization: _key, ...withoutKey } = chatRequest.headers;
    await demandStatus(port, { ...chatRequest, headers: withoutKey }, [401], "a request without a key");
    await demandStatus(port, { ...chatRequest, body: '{"session_id":"x"}' }, [400, 422], "a body without `message`");
  }
  if (id === "post" || id === "local") {
    await demandHeaders(port, id === "post" ? chatRequest : localRequest);
    await demandMetrics(port);
  }
}

function send(port: number, { method, path, headers, body }: RequestShape): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, { method, headers, ...(body !== undefined && { body }) });
}

async function demandStatus(port: number, request: RequestShape, statuses: readonly number[], what: string): Promise<void> {
  const response = await send(port, request);
  await response.arrayBuffer();
  if (!statuses.includes(response.status)) throw new Error(`${what} was answered ${response.status}, not ${statuses.join(" or ")}`);
}

async function demandHeaders(port: number, request: RequestShape): Promise<void> {
  const response = await send(port, request);
  await response.arrayBuffer();
  const { headers } = response;
  const found = {
    "status 200": response.status === 200,
    "the headers of helmet": headers.has("content-security-policy") && headers.get("x-content-type-options") === "nosniff",
    CORS: headers.get("access-control-allow-origin") === pageOrigin,
    "rate limit headers": headers.has("ratelimit") || headers.has("x-ratelimit-limit"),
  };
  const missing = Object.entries(found).flatMap(([name, isThere]) => (isThere ? [] : [name]));
  if (missing.length > 0) throw new Error(`its answer lacks ${missing.join(", ")}`);
}

async function demandMetrics(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: localRequest.headers });
  const text = await response.text();
  if (!/_seconds_(bucket|count)\{[^}]*(status|code)/.test(text)) throw new Error("it has no metric of request durations by status");
}
