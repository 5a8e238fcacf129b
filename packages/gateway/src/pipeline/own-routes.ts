import { LeanResponse } from "@aivillage/http-server";
import { awaitsContinue, compose, continueOnRead, type Handler } from "@aivillage/middleware";

import type { OwnApp } from "../state/own-app.ts";

/** Express replaces the prototype of the response. */
const giveUpLean: Handler = (_req, res, next) => {
  if (res instanceof LeanResponse) res.toPlain();
  next();
};

/** A router of Express asks no client for its body, and a server of the embedding program may leave that to its handlers. */
const askOnRead: Handler = (req, res, next) => {
  if (awaitsContinue(req)) continueOnRead(req, res);
  next();
};

/** Hands requests to the app of the embedding program. As long as it has no routes, nobody asks for a body. */
export function ownRoutes(own: OwnApp): Handler {
  const toApp: Handler = (req, res, next) => {
    const app: Handler = own.app;
    app(req, res, next);
  };
  const handler = compose(askOnRead, giveUpLean, toApp);

  return function ownRoutesHandler(req, res, next) {
    if (own.hasRoutes) handler(req, res, next);
    else next();
  };
}
