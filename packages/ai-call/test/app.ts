import type { IncomingMessage, ServerResponse } from "node:http";
import type { TestContext } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { problemDetails } from "@aivillage/problem-details";
import { type Host, type RunningServer } from "@aivillage/testing";

import { aiCall, type AiCallEnded, aiCallEnded, type AiCallOptions } from "../src/index.ts";

export interface App extends RunningServer {
  /** Bodies that reached the handler behind `aiCall()`. */
  readonly bodies: string[];
  /** Calls that ended. */
  readonly ended: AiCallEnded[];
}

/** An app whose handler takes the place of a backend. */
export async function serveCalls(
  t: TestContext,
  host: Host,
  options: AiCallOptions,
  respond: (res: ServerResponse, req: IncomingMessage) => void,
): Promise<App> {
  const bodies: string[] = [];
  const ended: AiCallEnded[] = [];
  const ours = new Set<IncomingMessage>();
  const backend: Handler = (req: IncomingMessage & { body?: unknown }, res) => {
    bodies.push(String(req.body));
    ours.add(req);
    respond(res, req);
  };
  const server = await host.serve([aiCall(options), backend], problemDetails());
  const unsubscribe = aiCallEnded.subscribe((message) => {
    if (ours.has(message.req)) ended.push(message);
  });
  t.after(async () => {
    unsubscribe();
    await server[Symbol.asyncDispose]();
  });
  return Object.assign(server, { bodies, ended });
}

export function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}
