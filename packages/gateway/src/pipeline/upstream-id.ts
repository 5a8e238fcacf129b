import type { IncomingMessage } from "node:http";

import { requestValue } from "@aivillage/middleware";

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

const upstreamId = requestValue<string>("@aivillage/gateway.upstream-request-id");

/** Headers in which providers name a request, so that their support finds it. */
const names = ["request-id", "x-request-id", "apim-request-id"] as const;

/** The id that the service gave the request; `undefined` if it gave none. */
export function getUpstreamId(req: IncomingMessage): string | undefined {
  return upstreamId.get(req);
}

/** Keeps the id that a service gave the request, which clients do not get: theirs is the gateway's. */
export function noteUpstreamId(req: IncomingMessage, headers: Headers): void {
  const id = names.map((name) => headers[name]).find((value) => typeof value === "string" && /^[!-~]{1,200}$/.test(value));
  if (typeof id === "string") upstreamId.set(req, id);
}
