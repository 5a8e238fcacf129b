import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { inspect } from "node:util";

/** Shorter texts may stand in a log by chance. */
const leastLength = 12;

/** Collects what may be seen nowhere: what the requests to one server carried of credentials, cookies and texts. */
export interface SecretsOfRequests {
  /** A body that was sent, of which the server itself keeps nothing. */
  addBody(body: unknown): void;
  /** Fails when one of them stands in what a gateway has told: log lines, metrics, problems. */
  assertUntold(...told: unknown[]): void;
  close(): void;
}

/** Watches the requests that arrive at a port of this process, however they were sent. `known` are secrets from the start. */
export function secretsOfRequests(port: number, known: readonly string[]): SecretsOfRequests {
  const secrets = new Set(known);
  const add = (secret: string): void => {
    if (secret.length >= leastLength) secrets.add(secret);
  };
  const hear = (message: unknown): void => {
    const { request } = message as { request: IncomingMessage };
    if (request.socket.localPort === port) for (const secret of secretsOf(request)) add(secret);
  };
  subscribe("http.server.request.start", hear);

  return {
    addBody: (body) => {
      for (const text of textsOf(body)) add(text);
    },
    assertUntold: (...told) => {
      const text = told.map(textOf).join("\n");
      const found = [...secrets].filter((secret) => text.includes(secret));
      assert.deepEqual(found, [], "secrets or texts of clients were told");
    },
    close: () => void unsubscribe("http.server.request.start", hear),
  };
}

function secretsOf({ headers, url = "" }: IncomingMessage): string[] {
  const { authorization = "", "proxy-authorization": proxy = "", cookie = "" } = headers;
  const query = url.includes("?") ? url.slice(url.indexOf("?") + 1) : "";
  const parameters = [...new URLSearchParams(query).values()];
  return [...parameters, ...[authorization, proxy, cookie].flatMap(valuesOf)];
}

/** `Bearer <token>`, or `name=value; name=value`. */
const valuesOf = (field: string): string[] => field.split(/^\w+ +|; */).map((part) => part.replace(/^[^=]*=(?=.)/, ""));

const textOf = (told: unknown): string =>
  typeof told === "string" ? told : inspect(told, { depth: 8, maxArrayLength: null, maxStringLength: null, customInspect: false });

/** All strings of a JSON document, or the text itself. */
function textsOf(body: unknown): string[] {
  if (typeof body === "object" && body !== null) return Object.values(body).flatMap(textsOf);
  if (typeof body !== "string") return [];
  try {
    const document: unknown = JSON.parse(body);
    return typeof document === "object" ? textsOf(document) : [body];
  } catch {
    return [body];
  }
}
