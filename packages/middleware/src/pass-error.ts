import type { ServerResponse } from "node:http";

import type { Next } from "./handler.ts";
import { HttpProblem } from "./http-problem.ts";
import { setHeaderIfValid } from "./valid-header.ts";

/**
 * Calls `next(error)` so that every host's own error handler responds with the status and the headers of a problem.
 *
 * Some hosts drop the headers of an error (NestJS, Polka, restify), so they are set on the response first. Vite's handler knows no other
 * status than 500, so a 500 that is sent while `next` runs gets the status of the problem. Any other status that a handler chooses is
 * sent as it is, and so is everything that a handler sends later. Errors that are no `HttpProblem` are passed on untouched.
 */
export function passError(error: unknown, res: ServerResponse, next: Next): void {
  if (!isProblem(error) || res.headersSent) return next(error);
  const { status, headers } = HttpProblem.from(error);
  for (const [name, value] of Object.entries(headers)) setHeaderIfValid(res, name, value);
  const stop = replaceStatus500(res, status);
  try {
    next(error);
  } finally {
    stop();
  }
}

/** By its name: a process may have loaded several copies of this package. */
function isProblem(error: unknown): boolean {
  return error instanceof Error && error.name === "HttpProblem";
}

/** Stays on the response after `stop`, as others may have wrapped it in the meantime, and does nothing then. */
function replaceStatus500(res: ServerResponse, status: number): () => void {
  const writeHead: unknown = Reflect.get(res, "writeHead");
  let isActive = true;
  if (typeof writeHead === "function") {
    res.writeHead = (sent: number, ...rest: unknown[]) =>
      Reflect.apply(writeHead, res, [isActive && sent === 500 ? status : sent, ...rest]) as ServerResponse;
  }
  return () => {
    isActive = false;
  };
}
