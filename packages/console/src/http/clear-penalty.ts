import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { HttpProblem } from "@aivillage/middleware";

import { type ConsoleActionTaken, consoleActionTaken } from "../events.ts";
import type { Access, PenaltyKeeper } from "../options.ts";
import { forbidden, isCrossSite, missingKey } from "./access.ts";

/** The header with the token that viewers get from the stream: a page of another origin cannot read it, nor send the header. */
const tokenHeader = "x-console-token";

/** Ends the penalty that a request names: `POST penalties/{client}/clear`. */
export class PenaltyAction {
  readonly #limiter: PenaltyKeeper;
  readonly #token: Buffer;

  constructor(limiter: PenaltyKeeper, token: string) {
    this.#limiter = limiter;
    this.#token = Buffer.from(token);
  }

  async run(req: IncomingMessage, res: ServerResponse, { client, access }: { client: string; access: Access }): Promise<void> {
    try {
      this.#assertPermitted(req, access);
    } catch (error) {
      report({ req, action: "clear-penalty", subject: client, result: "refused" });
      throw error;
    }
    const isCleared = await this.#clear(req, client);
    if (!isCleared) throw new HttpProblem({ status: 404, type: "not-found", detail: "The client has no penalty any more." });
    res.statusCode = 204;
    res.setHeader("Cache-Control", "no-store");
    res.end();
  }

  #assertPermitted(req: IncomingMessage, access: Access): void {
    if (access === false) throw missingKey();
    if (access !== "change") throw forbidden("You may see the console, but not change anything.");
    if (isCrossSite(req)) throw forbidden("Only the page of the console may do this.");
    if (!this.#hasToken(req)) throw forbidden("The token of the page is missing or out of date. Load the page again.");
  }

  #hasToken({ headers }: IncomingMessage): boolean {
    const given = Buffer.from(String(headers[tokenHeader] ?? ""));
    return given.length === this.#token.length && timingSafeEqual(given, this.#token);
  }

  async #clear(req: IncomingMessage, client: string): Promise<boolean> {
    try {
      const isCleared = await this.#limiter.clear(client);
      report({ req, action: "clear-penalty", subject: client, result: isCleared ? "done" : "none" });
      return isCleared;
    } catch (error) {
      report({ req, action: "clear-penalty", subject: client, result: "failed" });
      throw error;
    }
  }
}

function report(taken: ConsoleActionTaken): void {
  if (consoleActionTaken.hasSubscribers) consoleActionTaken.publish(taken);
}
