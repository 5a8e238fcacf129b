import { createHmac } from "node:crypto";

import type { ErrorHandler, Handler } from "@aivillage/middleware";
import { HttpProblem } from "@aivillage/middleware";
import type { Host } from "@aivillage/testing";

import { getPrincipal } from "../src/index.ts";

/** Answers with the principal, or `null`. */
export const showPrincipal: Handler = (req, res) => void res.end(JSON.stringify(getPrincipal(req) ?? null));

/** Answers errors with what the client may read of them. */
export const showProblem: ErrorHandler = (error, _req, res, _next) => {
  const { status, headers, type, title, detail, extensions } = HttpProblem.from(error);
  res.writeHead(status, headers).end(JSON.stringify({ type, title, status, detail, ...extensions }));
};

export interface HttpResponse {
  readonly status: number;
  readonly challenge: string | null;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever JSON came
  readonly body: any;
}

/** One request through these handlers; `authorization` is left out when undefined. */
export async function ask(host: Host, handlers: readonly Handler[], authorization?: string, path = "/"): Promise<HttpResponse> {
  await using app = await host.serve([...handlers, showPrincipal], showProblem);
  return await askAt(app.url + path, authorization);
}

export async function askAt(url: string, authorization?: string): Promise<HttpResponse> {
  const response = await fetch(url, authorization === undefined ? {} : { headers: { authorization } });
  return { status: response.status, challenge: response.headers.get("www-authenticate"), body: await response.json() };
}

export const jwtSecret = "a-secret-of-more-than-thirty-two-bytes";
/** 2026-01-01T00:00:00Z; the clock of the tests. */
export const nowMs = 1_767_225_600_000;
export const nowSeconds = nowMs / 1000;

const base64url = (text: string): string => Buffer.from(text).toString("base64url");

/** A token put together by hand, so that bad ones can be made as well. */
export function makeJwt(claims: object, options: { secret?: string; header?: object } = {}): string {
  return makeRaw(JSON.stringify(claims), options);
}

/** The same with claims as text, such as numbers that JavaScript cannot write. */
export function makeRaw(claims: string, options: { secret?: string; header?: object } = {}): string {
  const { secret = jwtSecret, header = { alg: "HS256", typ: "JWT" } } = options;
  const signed = `${base64url(JSON.stringify(header))}.${base64url(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
