import assert from "node:assert/strict";
import { describe, test } from "node:test";

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

test("it has the three parameters of a handler, by which koa-connect and restify know that it may call next", () => {
  assert.equal(router({ routes: notes }).length, 3);
});

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
    for (const path of ["/", "/Notes", "/notes/", "//notes", "/notes/a/b", "/notes/..;", "/notes/%00"]) {
      const response = await fetch(app.url + path);
      assert.deepEqual([response.status, await response.text()], [404, "nothing undefined {}"], path);
    }
  });

  test("a value is what the client sent, percent-encoding included", async () => {
    await using app = await serve();
    for (const id of ["org%2Fname", "%C3%A9", "-a", "~x", "a;v=1", "x".repeat(2_000)]) {
      const text = await (await fetch(`${app.url}/notes/${id}`)).text();
      assert.equal(text, `read /notes/{id} {"id":"${id}"}`);
    }
  });

  test("a rest takes several segments", async () => {
    await using app = await serve({ "/v1/*": { ANY: show("all") }, "/files/{path+}": { GET: show("file") } });
    assert.equal(await (await fetch(`${app.url}/v1/a/b?c`, { method: "DELETE" })).text(), 'all /v1/* {"*":"a/b"}');
    assert.equal(await (await fetch(`${app.url}/files/a/b.txt`)).text(), 'file /files/{path+} {"path":"a/b.txt"}');
    assert.equal((await fetch(`${app.url}/files/a`, { method: "PUT" })).headers.get("allow"), "GET, HEAD");
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

test("ANY serves every method that the path does not name", async () => {
  await using server = await listen(toListener(router({ routes: { "/a": { ANY: show("any"), GET: show("get") } } })));
  const ask = async (method: string) => (await fetch(`${server.url}/a`, { method })).text();
  assert.deepEqual([await ask("GET"), await ask("OPTIONS"), await ask("PATCH")], ["get /a {}", "any /a {}", "any /a {}"]);
});

test("a path that a server behind may read as that of another route matches none", async () => {
  const closed = { GET: show("closed") };
  const routes: Routes = {
    "/v1/*": { GET: show("open") },
    "/v1/admin/*": closed,
    "/v1/me": closed,
    "/v1/jobs:run": closed,
    "/v1/@Me/*": closed,
  };
  await using server = await listen(toListener(compose(router({ routes }), rest)));
  const ask = async (path: string) => {
    const text = await rawRequest(server.port, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    return /(open|closed|nothing) /.exec(text)?.[1];
  };
  for (const path of [
    "/v1/%61dmin/x",
    "/v1//admin/x",
    "/v1/admin%2Fx",
    "/v1/admin;a=1/x",
    "/v1/admin%3Ba/x",
    "/v1/%6de",
    "/v1/me/",
    "/v1/me;x",
    "/v1/ADMIN/x",
    "/v1/%41dmin/x",
    "/v1/Me",
    "/v1/mE/",
    "/v1/jobs%3Arun",
    "/v1/jobs%3arun",
    "/v1/JOBS:run",
    "/v1/%40Me/x",
    "/v1/@me/x",
  ]) {
    assert.equal(await ask(path), "nothing", path);
  }
  for (const path of ["/v1/x%2Fy", "/v1/c%61fe/", "/v1/a//b", "/v1/a;b=1", "/v1/"]) assert.equal(await ask(path), "open", path);
  for (const path of ["/v1/Cafe", "/v1/a%3Ab", "/v1/C%C3%89"]) assert.equal(await ask(path), "open", path);
  for (const path of ["/v1/admin/a%2Fb", "/v1/admin/A", "/v1/@Me/X"]) assert.equal(await ask(path), "closed", path);
});

test("templates that differ in case alone are routes of their own, and no path is taken for the other one's", async () => {
  const routes: Routes = {
    "/a/*": { GET: show("open") },
    "/a/Files/{id}": { GET: show("closed") },
    "/a/files/{id}": { GET: show("nothing") },
  };
  await using server = await listen(toListener(compose(router({ routes }), rest)));
  const ask = async (path: string) => (await (await fetch(server.url + path)).text()).split(" ", 1)[0];
  assert.deepEqual(await Promise.all(["/a/Files/x", "/a/files/x", "/a/FILES/x", "/a/fileS"].map(ask)), [
    "closed",
    "nothing",
    "nothing",
    "open",
  ]);
});

describe("hosts", () => {
  const hosts = {
    "api.example.com": { "/a": { GET: show("api") } },
    "*.example.com": { "/a": { GET: show("below") }, "/b": { GET: show("below") } },
    "*.eu.example.com": { "/a": { GET: show("eu") } },
  };
  const routes = { "/a": { GET: show("all") }, "/c": { GET: show("all") } };
  const asked = async (host: string, target: string) => {
    await using server = await listen(toListener(router({ routes, hosts })));
    const text = await rawRequest(server.port, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    return /\n(\w+) \//.exec(text)?.[1];
  };

  test("a name wins over a pattern, a longer pattern over a shorter one, and all over routes without a host", async () => {
    assert.equal(await asked("api.example.com", "/a"), "api");
    assert.equal(await asked("API.example.com.:8080", "/a"), "api");
    assert.equal(await asked("x.example.com", "/a"), "below");
    assert.equal(await asked("x.eu.example.com", "/a"), "eu");
    assert.equal(await asked("example.com", "/a"), "all");
    assert.equal(await asked("evilexample.com", "/a"), "all");
  });

  test("what a host has no route for is looked up for the less specific ones", async () => {
    assert.equal(await asked("api.example.com", "/b"), "below");
    assert.equal(await asked("x.eu.example.com", "/c"), "all");
  });

  test("the host of a target in absolute form wins over Host", async () => {
    assert.equal(await asked("elsewhere.example", "http://api.example.com/a"), "api");
  });
});

test("find() returns the route of a request without running it", async () => {
  const table = router({
    routes: { "/a/*": { ANY: show("a"), GET: show("a") } },
    hosts: { "b.example": { "/a/{x}": { POST: show("b") } } },
  });
  await using server = await listen((req, res) => void res.end(JSON.stringify(table.find(req), ["host", "template", "methods"])));
  const found = async (path: string): Promise<unknown> => {
    const text = await (await fetch(server.url + path)).text();
    return text === "" ? undefined : JSON.parse(text);
  };
  assert.deepEqual(await found("/a/b?c"), { template: "/a/*", methods: ["ANY", "GET"] });
  assert.equal(await found("/b"), undefined);
});

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
