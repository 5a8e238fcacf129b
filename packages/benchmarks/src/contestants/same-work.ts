import { localRequest, pageOrigin, type RequestShape } from "../traffic.ts";
import type { Contestant } from "./contestant.ts";

/**
 * Makes sure, before anything is timed, that a contestant does the work that it is timed for: keys, headers of helmet and CORS for
 * stacks and guards; rate-limit headers, metrics and the check of the body for stacks; refused attacks for one that inspects bodies.
 *
 * @throws Error that says what is missing
 */
export async function demandSameWork({ kind, inspects }: Contestant, request: RequestShape | undefined, port: number): Promise<void> {
  if (request === undefined || kind === "floor" || kind === "proxy") return;
  const isStack = kind !== "guard";
  await demandHeaders(port, request, isStack);
  if (isStack) await demandMetrics(port);
  if (request.method !== "POST") return;
  const { Authorization: _key, ...withoutKey } = request.headers;
  await demandStatus(port, { ...request, headers: withoutKey }, [401], "a request without a key");
  if (isStack) await demandStatus(port, { ...request, body: '{"session_id":"x"}' }, [400, 422], "a body without `message`");
  if (kind !== "ours" && inspects !== true) return;
  for (const message of attacks) await demandStatus(port, { ...request, body: JSON.stringify({ message }) }, [400, 403, 422], "an attack");
}

/** Two that every list of rules knows. */
const attacks = ["1' OR '1'='1' UNION SELECT username, password FROM users --", "<script>alert(document.cookie)</script>"];

function send(port: number, { method, path, headers, body }: RequestShape): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, { method, headers, ...(body !== undefined && { body }) });
}

async function demandStatus(port: number, request: RequestShape, statuses: readonly number[], what: string): Promise<void> {
  const response = await send(port, request);
  await response.arrayBuffer();
  if (!statuses.includes(response.status)) throw new Error(`${what} got ${response.status}, not ${statuses.join(" or ")}`);
}

async function demandHeaders(port: number, request: RequestShape, withLimits: boolean): Promise<void> {
  const response = await send(port, request);
  await response.arrayBuffer();
  const { headers } = response;
  const found = {
    "status 200": response.status === 200,
    "the headers of helmet": headers.has("content-security-policy") && headers.get("x-content-type-options") === "nosniff",
    CORS: headers.get("access-control-allow-origin") === pageOrigin,
    "rate limit headers": !withLimits || headers.has("ratelimit") || headers.has("x-ratelimit-limit"),
  };
  const missing = Object.entries(found).flatMap(([name, isThere]) => (isThere ? [] : [name]));
  if (missing.length > 0) throw new Error(`its response lacks ${missing.join(", ")}`);
}

async function demandMetrics(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: localRequest.headers });
  const text = await response.text();
  if (!/_seconds_(bucket|count)\{[^}]*(status|code)/.test(text)) throw new Error("it has no metric of request durations by status");
}
