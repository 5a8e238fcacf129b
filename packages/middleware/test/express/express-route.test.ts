import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, test } from "node:test";

import { getExpressRoute, HttpProblem, watchExpressRoute } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";
import type express from "express";

const require = createRequire(import.meta.url);

const frameworks = { "express 4": require("express-4") as typeof express, "express 5": require("express") as typeof express };

for (const [name, framework] of Object.entries(frameworks)) {
  const { Router } = framework;

  /** An app that says on which route a request was when its response had ended. */
  async function routesOf(build: (app: express.Express) => void, ...paths: string[]): Promise<(string | undefined)[]> {
    const app = framework();
    const routes: (string | undefined)[] = [];
    let ended: () => void = () => {};
    app.use(watchExpressRoute, (req, res, next) => {
      res.on("close", () => {
        routes.push(getExpressRoute(req));
        ended();
      });
      next();
    });
    build(app);
    const onError: express.ErrorRequestHandler = (error: { status?: number }, _req, res, _next) => {
      res.status(error.status ?? 500).end();
    };
    app.use(onError);
    await using server = await listen(app);
    for (const path of paths) {
      const closed = new Promise<void>((resolve) => (ended = resolve));
      await (await fetch(server.url + path)).arrayBuffer();
      await closed;
    }
    return routes;
  }

  const respond: express.RequestHandler = (_req, res) => void res.end("ok");
  const fail: express.RequestHandler = (_req, _res, next) => next(new Error("broken"));
  const users = (): express.Router =>
    Router()
      .get("/", respond)
      .get("/:id", (req, res, next) => (req.params["id"] === "0" ? fail(req, res, next) : respond(req, res, next)));

  void describe(`on ${name}`, () => {
    test("a route has its mount path, whether its handler responds, fails or throws", async () => {
      const build = (app: express.Express): void => {
        app.use("/users", users());
        const orders = Router().get("/:id", () => {
          throw new HttpProblem({ status: 404 });
        });
        app.use("/orders", orders);
        app.get("/plain/:id", fail);
      };
      assert.deepEqual(await routesOf(build, "/users/7", "/users/0", "/users", "/orders/1", "/plain/2"), [
        "/users/:id",
        "/users/:id",
        "/users",
        "/orders/:id",
        "/plain/:id",
      ]);
    });

    test("routers in routers and apps in apps add up", async () => {
      const build = (app: express.Express): void => {
        const inner = framework();
        inner.use("/people", users());
        app.use("/v1", Router().use("/shop", users()));
        app.use("/admin", inner);
      };
      assert.deepEqual(await routesOf(build, "/v1/shop/0", "/admin/people/0", "/admin/people/3"), [
        "/v1/shop/:id",
        "/admin/people/:id",
        "/admin/people/:id",
      ]);
    });

    test("a handler without a route has its mount path, whether it responds or fails", async () => {
      const build = (app: express.Express): void => {
        app.use("/api", respond);
        app.use("/down", fail);
        app.use("/v1", Router().use("/down", fail));
      };
      assert.deepEqual(await routesOf(build, "/api/a/b?c", "/down/a", "/v1/down"), ["/api", "/down", "/v1/down"]);
    });

    test("a 404 of no handler has no route, nor has a handler that is mounted everywhere", async () => {
      const build = (app: express.Express): void => {
        app.use("/api", (_req, _res, next) => next());
        app.use("/users", users());
        app.use((req, res, next) => (req.url === "/api/everywhere" ? res.end() : next()));
      };
      assert.deepEqual(await routesOf(build, "/nothing", "/api/nothing", "/users/1/nothing", "/api/everywhere"), [
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
    });

    test("parameters of mount paths are named, in any spelling of the client", async () => {
      const build = (app: express.Express): void => {
        const ofTenant = Router({ mergeParams: true }).use("/Items/:item", Router({ mergeParams: true }).get("/:part", fail));
        app.use("/tenants/:tenant", ofTenant);
        app.use("/tenants/:tenant/api", fail);
        app.use("/v:version", users());
      };
      const paths = ["/tenants/acme/items/7/x", "/TENANTS/%61b%2Fc/ITEMS/%E2%82%AC/y", "/tenants/tenants/items/1/2", "/tenants/A/api"];
      assert.deepEqual(await routesOf(build, ...paths, "/v17/0"), [
        "/tenants/:tenant/items/:item/:part",
        "/tenants/:tenant/items/:item/:part",
        "/tenants/:tenant/items/:item/:part",
        "/tenants/:tenant/api",
        "/v:version/:id",
      ]);
    });

    test("regular expressions and lists of paths are shown as they are written", async () => {
      const build = (app: express.Express): void => {
        app.get(/^\/a+$/, fail);
        app.get(["/b", "/c"], fail);
        app.use("/d", Router().get(/^\/e$/, fail));
        app.use(/^\/f\/(.*)/, fail);
      };
      assert.deepEqual(await routesOf(build, "/aaa", "/c", "/d/e", "/f/g"), ["/^\\/a+$/", "/b,/c", "/d/^\\/e$/", "/f/:0"]);
    });

    test("the members of the request are those of Express", async () => {
      const seen: unknown[] = [];
      const build = (app: express.Express): void => {
        app.use((req, _res, next) => {
          seen.push(req.baseUrl, req.route);
          next();
        });
        app.use("/a/:b", (req, res, next) => {
          seen.push(req.baseUrl, req.url, req.originalUrl);
          Router().get("/c", (inner: express.Request) => {
            seen.push(inner.baseUrl, (inner.route as { path: string }).path);
            throw new Error("broken");
          })(req, res, next);
        });
        app.use((error: unknown, req: express.Request, _res: express.Response, next: express.NextFunction) => {
          seen.push(req.baseUrl, (req.route as { path: string }).path);
          next(error);
        });
      };
      assert.deepEqual(await routesOf(build, "/a/X/c"), ["/a/:b/c"]);
      assert.deepEqual(seen, ["", undefined, "/a/X", "/c", "/a/X/c", "/a/X", "/c", "", "/c"]);
    });
  });
}

test("without the handler there is no route", async () => {
  const { default: express5 } = await import("express");
  const app = express5().get("/", (req, res) => void res.end(String(getExpressRoute(req))));
  await using server = await listen(app);
  assert.equal(await (await fetch(server.url)).text(), "undefined");
});
