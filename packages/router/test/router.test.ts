import assert from "node:assert/strict";
import { test } from "node:test";

import { compose, type Handler, toListener } from "@aivillage/middleware";
import { forEachHost, listen, rawRequest } from "@aivillage/testing";

import { getPathParameters, getRoute, router, type Routes } from "../src/index.ts";

/** Responds with what the router knows of the request. */
const show =
  (name: string): Handler =>
  (req, res) =>
    void res.end(`${name} ${getRoute(req)} ${JSON.stringify(getPathParameters(req))}`);

const rest: Handler = (req, res) => {
  res.statusCode = 404;
  res.end(`nothing ${getRoute(req)} ${JSON.stringify(getPathParameters(req))}`);
};

const notes: Routes = {
  "/notes": { GET: show("list"), POST: show("create") },
  "/notes/{id}": { GET: show("read"), DELETE: show("delete") },
  "/notes/new": { GET: show("form") },
  "/notes/{id}/parts/{part}": { GET: show("part") },
};

forEachHost((host) => {
  const serve = (routes: Routes = notes) => host.serve([router({ routes }), rest]);

  test("a request runs the handlers of its path and method, which know template and parameters", async () => {
    await using app = await serve();
    const ask = async (path: string, method = "GET") => (await fetch(app.url + path, { method })).text();
    assert.equal(await ask("/notes?page=2"), "list /notes {}");
    assert.equal(await ask("/notes", "POST"), "create /notes {}");
    assert.equal(await ask("/notes/7"), 'read /notes/{id} {"id":"7"}');
    assert.equal(await ask("/notes/7/parts/a.b:c"), 'part /notes/{id}/parts/{part} {"id":"7","part":"a.b:c"}');
  });

  test("a text wins over a parameter", async () => {
    await using app = await serve();
    assert.equal(await (await fetch(`${app.url}/notes/new`)).text(), "form /notes/new {}");
  });

  test("a path that no route matches is handed on without a template", async () => {
    await using app = await serve();
    for (const path of ["/", "/Notes", "/notes/", "//notes", "/notes/a%2Fb", "/notes/%37", "/notes/-a", "/notes/a/b", "/notes/{id}"]) {
      const response = await fetch(app.url + path);
      assert.deepEqual([response.status, await response.text()], [404, "nothing undefined {}"], path);
    }
  });

  test("GET serves HEAD too", async () => {
    await using app = await serve();
    const response = await fetch(`${app.url}/notes`, { method: "HEAD" });
    assert.deepEqual([response.status, await response.text()], [200, ""]);
  });

  test("another method is 405 and lists those of the path", async () => {
    await using app = await serve();
    for (const method of ["PUT", "OPTIONS"]) {
      const response = await fetch(`${app.url}/notes/7`, { method });
      assert.deepEqual([response.status, response.headers.get("allow")], [405, "DELETE, GET, HEAD"], method);
      await response.text();
    }
  });

  test("a target in absolute form is routed by its path", async () => {
    await using app = await serve();
    const text = await rawRequest(app.port, "GET http://elsewhere/notes/7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert.match(text, /read \/notes\/\{id\} \{"id":"7"\}/);
  });

  test("several handlers of a method run in order, and the first error ends them", async () => {
    const mark: Handler = (_req, res, next) => {
      res.setHeader("X-Mark", "1");
      next();
    };
    const routes: Routes = {
      "/fine": { GET: [mark, show("fine")] },
      "/bad": { GET: [(_req, _res, next) => next(new Error("bad")), show("never")] },
    };
    await using app = await host.serve([router({ routes })], (_error, _req, res, _next) => {
      res.statusCode = 500;
      res.end("failed");
    });
    const fine = await fetch(`${app.url}/fine`);
    assert.deepEqual([fine.headers.get("x-mark"), await fine.text()], ["1", "fine /fine {}"]);
    assert.equal(await (await fetch(`${app.url}/bad`)).text(), "failed");
  });
});

/** What Connect and Express do for `app.use("/api", handler)`. */
const below =
  (mount: string, handler: Handler): Handler =>
  (req, res, next) => {
    const whole = req.url ?? "";
    Object.assign(req, { originalUrl: whole, url: whole.slice(mount.length) });
    handler(req, res, next);
  };

test("below a mount path the template has the mount path", async () => {
  await using server = await listen(toListener(below("/api", router({ routes: notes }))));
  assert.equal(await (await fetch(`${server.url}/api/notes/7?a`)).text(), 'read /api/notes/{id} {"id":"7"}');
});

test("two routers in a row share the requests", async () => {
  const both = compose(router({ routes: { "/a": { GET: show("a") } } }), router({ routes: { "/b": { PUT: show("b") } } }));
  await using server = await listen(toListener(both));
  assert.equal(await (await fetch(`${server.url}/a`)).text(), "a /a {}");
  assert.equal(await (await fetch(`${server.url}/b`, { method: "PUT" })).text(), "b /b {}");
});

test("an async handler that rejects ends its own request only", async () => {
  const rejecting = (() => Promise.reject(new Error("late"))) as unknown as Handler;
  await using server = await listen(toListener(router({ routes: { "/a": { GET: rejecting }, "/b": { GET: show("b") } } })));
  assert.equal((await fetch(`${server.url}/a`)).status, 500);
  assert.equal((await fetch(`${server.url}/b`)).status, 200);
});
