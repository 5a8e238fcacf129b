import { createRequire } from "node:module";

import type express from "express";
import type { Express } from "express";

const require = createRequire(import.meta.url);

/** The Express app for the routes that an embedding program adds. */
export interface OwnApp {
  /** Made when it is first asked for. Nothing of it responds by itself. */
  readonly app: Express;
  readonly hasRoutes: boolean;
}

export function makeOwnApp(): OwnApp {
  let app: Express | undefined;
  return {
    get app() {
      // Its 70 modules are a tenth of the gateway's start and memory, and the program of the command line adds no routes.
      app ??= (require("express") as typeof express)().disable("x-powered-by").disable("etag");
      return app;
    },
    get hasRoutes() {
      return app !== undefined && app.router.stack.length > 0;
    },
  };
}
