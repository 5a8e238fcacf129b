import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

import { HttpProblem } from "@aivillage/middleware";

import type { Access } from "../options.ts";

/** Lets requests with a key as bearer token do everything, and others nothing. */
export function accessByKey(key: string): (req: IncomingMessage) => Access {
  const expected = digest(`bearer ${key}`);
  return ({ headers: { authorization = "" } }) => {
    const [scheme = "", ...token] = authorization.split(" ");
    return timingSafeEqual(digest(`${scheme.toLowerCase()} ${token.join(" ")}`), expected) ? "change" : false;
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/**
 * Whether a page of another origin caused the request: its script may not read a stream or do anything with what the browser adds by itself.
 * Programs other than browsers send neither header.
 */
export function isCrossSite({ headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const { origin, host } = headers;
  return origin !== undefined && URL.parse(origin)?.host !== host;
}

export function missingKey(): HttpProblem {
  return new HttpProblem({
    status: 401,
    type: "missing-credentials",
    title: "Credentials are missing",
    detail: "The console needs its key. Open it by the address that contains the key, or enter the key on the page.",
    headers: { "WWW-Authenticate": "Bearer" },
  });
}

export function forbidden(detail: string): HttpProblem {
  return new HttpProblem({ status: 403, detail });
}
