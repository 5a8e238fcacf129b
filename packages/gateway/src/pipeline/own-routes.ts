import { LeanResponse } from "@aivillage/http-server";
import { compose, type Handler } from "@aivillage/middleware";

import type { OwnApp } from "../state/own-app.ts";
import { askForBody } from "./input.ts";

/** Express replaces the prototype of the response. */
const giveUpLean: Handler = (_req, res, next) => {
  if (res instanceof LeanResponse) res.toPlain();
  next();
};

/** Hands requests to the app of the embedding program. As long as it has no routes, nobody asks for a body. */
export function ownRoutes(own: OwnApp): Handler {
  const toApp: Handler = (req, res, next) => {
    const app: Handler = own.app;
    app(req, res, next);
  };
  const handler = compose(askForBody, giveUpLean, toApp);

  return function ownRoutesHandler(req, res, next) {
    if (own.hasRoutes) handler(req, res, next);
    else next();
  };
}
