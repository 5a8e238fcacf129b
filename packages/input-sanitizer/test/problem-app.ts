import assert from "node:assert/strict";

import { compose, type ErrorHandler, type Handler, HttpProblem, toListener } from "@aivillage/middleware";
import { type Host, listen } from "@aivillage/testing";

import { getInput, type Input, sanitizeInput, type SanitizeInputOptions } from "../src/index.ts";

/** Answers a problem as JSON, so that tests see all of it. */
export const asJson: ErrorHandler = (error, _req, res, _next) => {
  const { status, type, detail, headers, extensions } = HttpProblem.from(error);
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.statusCode = status;
  res.end(JSON.stringify({ type, detail, ...extensions }));
};

/** One host, for what does not depend on the host. */
export const bare: Pick<Host, "serve"> = { serve: (handlers, onError) => listen(toListener(compose(...handlers), onError)) };

/** Puts members on the request, as parsers and routers do. */
export const attach =
  (members: object): Handler =>
  (req, _res, next) => {
    Object.assign(req, members);
    next();
  };

/** Answers what `getInput()` has. */
export const echoInput: Handler = (req, res) => {
  res.setHeader("Content-Type", "application/json");
  res.end(JSON.stringify(getInput(req) ?? null));
};

export interface HttpResponse {
  status: number;
  headers: Headers;
  text: string;
  json: { type?: string; detail?: string; errors?: Record<string, string>[] } & Partial<Input>;
}

export type App = Awaited<ReturnType<Host["serve"]>>;

const made = new Map<string, Handler>();

/** The same for the same options, since reading schemas is most of what a test costs. */
function sanitizer(options: SanitizeInputOptions): Handler {
  let isPlain = true;
  const key = JSON.stringify(options, (_name, value: unknown) => {
    isPlain &&= typeof value !== "function" && !(value instanceof RegExp);
    return value;
  });
  const handler = (isPlain ? made.get(key) : undefined) ?? sanitizeInput(options);
  if (isPlain) made.set(key, handler);
  return handler;
}

/** An app that consists of `sanitizeInput(options)` and an echo, for more than one request. */
export const serve = (options: SanitizeInputOptions, before: readonly Handler[] = []): Promise<App> =>
  bare.serve([...before, sanitizer(options), echoInput], asJson);

/** Sends a JSON body to an app; a string or bytes go as they are. */
export function postTo(app: App, body: unknown, headers: Record<string, string> = {}): Promise<HttpResponse> {
  const raw = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  return ask(app.url, {
    method: "POST",
    body: raw as NonNullable<RequestInit["body"]>,
    headers: { "Content-Type": "application/json", ...headers },
  });
}

export async function ask(url: string, init: RequestInit = {}): Promise<HttpResponse> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text) as HttpResponse["json"] };
}

/** Sends one request to an app that consists of `sanitizeInput(options)` and an echo. */
export async function send(
  host: Pick<Host, "serve">,
  options: SanitizeInputOptions,
  path: string,
  init: RequestInit = {},
): Promise<HttpResponse> {
  await using app = await host.serve([sanitizer(options), echoInput], asJson);
  return await ask(`${app.url}${path}`, init);
}

/** The same with a JSON body. */
export async function post(
  host: Pick<Host, "serve">,
  options: SanitizeInputOptions,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<HttpResponse> {
  await using app = await host.serve([sanitizer(options), echoInput], asJson);
  return await postTo(app, body, headers);
}

export function assertProblem(response: HttpResponse, status: number, type: string, detail?: RegExp): void {
  assert.equal(response.status, status, response.text);
  assert.equal(response.json.type, type);
  if (detail !== undefined) assert.match(response.json.detail ?? "", detail);
}

export const anything = { type: ["object", "array", "string", "number", "boolean", "null"] } as const;

export const querySchema = {
  type: "object",
  additionalProperties: false,
  required: ["query"],
  properties: {
    query: { type: "string", minLength: 1, maxLength: 2000, screen: "prose" },
    session_id: { type: "string", pattern: "^[\\w'; =-]*$" },
    note: { type: "string", screen: { off: "notes are kept as they are" } },
    options: {
      type: "object",
      additionalProperties: false,
      properties: { max_tokens: { type: "integer", minimum: 1 }, temperature: { type: "number", enum: [0, 0.7, 1] } },
    },
  },
} as const;
