import { createRequire } from "node:module";

import { compose, type Handler, LeanResponse } from "@aivillage/middleware";
import type express from "express";
import type { Express } from "express";

import { askForBody } from "./input.ts";

const require = createRequire(import.meta.url);

/** The Express app for the routes that an embedding program adds. */
export interface OwnRoutes {
  /** Made when it is asked for first. Nothing of it answers by itself. */
  readonly app: Express;
  /** Hands requests to the app. As long as there are no routes, nobody wants a body. */
  readonly handler: Handler;
}

/** Express replaces the prototype of the response. */
const giveUpLean: Handler = (_req, res, next) => {
  if (res instanceof LeanResponse) res.toPlain();
  next();
};

export function makeOwnRoutes(): OwnRoutes {
  let app: Express | undefined;
  let routes: Handler | undefined;

  function make(): Express {
    // Its 70 modules are a tenth of the gateway's start and memory, and the program of the command line adds no routes.
    const made = (require("express") as typeof express)().disable("x-powered-by").disable("etag");
    routes = compose(askForBody, giveUpLean, made);
    return made;
  }

  return {
    get app() {
      return (app ??= make());
    },
    handler: function ownRoutesHandler(req, res, next) {
      if (routes === undefined || app === undefined || app.router.stack.length === 0) next();
      else routes(req, res, next);
    },
  };
}
