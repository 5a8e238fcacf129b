import type { HttpProblemInit } from "./http-problem-init.ts";

type Members = Readonly<Record<string, unknown>>;

/** What an error that is no `HttpProblem` says about its response. */
export function readForeignError(error: unknown): HttpProblemInit {
  const members: Members = Object(error);
  const status = [members["status"], members["statusCode"]].find(isErrorStatus);
  if (status === undefined) return { status: 500, expose: false };
  const headers = readHeaders(members["headers"]);
  // Only an error that says so was written for the client: those of API clients carry a status too, and secrets in their message.
  const { expose, message } = members;
  if (expose !== true || typeof message !== "string" || message === "") return { status, headers, expose: expose === true };
  return { status, headers, expose, detail: message };
}

function isErrorStatus(code: unknown): code is number {
  return typeof code === "number" && Number.isInteger(code) && code >= 400 && code <= 599;
}

/** Fields that say how one message is framed and encoded (RFC 9110, 8; RFC 9112, 6); the response to the error has its own. */
const ofAnotherMessage = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "keep-alive",
  "trailer",
  "transfer-encoding",
]);

function readHeaders(headers: unknown): Record<string, string> {
  if (!isRecord(headers)) return {};
  const kept = Object.entries(headers).filter(([name, value]) => isFieldValue(value) && !ofAnotherMessage.has(name.toLowerCase()));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

function isFieldValue(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || Array.isArray(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
