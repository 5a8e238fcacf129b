import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { HttpProblem, type HttpProblemInit } from "@aivillage/middleware";
import { forEachHost } from "@aivillage/testing";

/** The class a second time, as when two versions of the package are installed. */
const loadCopy = async (): Promise<typeof HttpProblem> => {
  const address = new URL("../src/http-problem.ts?copy", import.meta.url).href;
  return ((await import(address)) as { HttpProblem: typeof HttpProblem }).HttpProblem;
};

test("only the status is needed; the rest has defaults", () => {
  const problem = new HttpProblem({ status: 404 });
  assert.ok(problem instanceof Error);
  const { name, message, status, type, title, detail, headers, extensions, expose, cause } = problem;
  assert.deepEqual(
    { name, message, status, type, title, detail, headers, extensions, expose, cause },
    {
      name: "HttpProblem",
      message: "Not Found",
      status: 404,
      type: "about:blank",
      title: "Not Found",
      detail: undefined,
      headers: {},
      extensions: {},
      expose: true,
      cause: undefined,
    },
  );
  assert.equal("cause" in problem, false);
  assert.equal(new HttpProblem({ status: 499 }).title, "Error");
});

test("everything given is kept, and the message is what the client may read, since hosts send it", () => {
  const init: Required<HttpProblemInit> = {
    status: 429,
    type: "rate-limited",
    title: "Too fast",
    detail: "Wait for 7 s.",
    headers: { "Retry-After": "7" },
    extensions: { limit: 100 },
    expose: false,
    cause: new Error("inner"),
  };
  const problem = new HttpProblem(init);
  for (const [name, value] of Object.entries(init)) assert.equal(problem[name as keyof HttpProblemInit], value, name);
  assert.equal(problem.statusCode, 429);
  assert.equal(problem.message, "Too fast");
  assert.equal(new HttpProblem({ ...init, expose: true }).message, "Wait for 7 s.");
});

test("a problem below 500 has no stack frames, one from 500 on has", () => {
  assert.doesNotMatch(String(new HttpProblem({ status: 499 }).stack), /\n\s+at /);
  assert.match(String(new HttpProblem({ status: 500 }).stack), /\n\s+at .*http-problem\.test\.ts/);
});

test("other errors keep their stack afterwards, also when the status was refused", () => {
  const before = Error.stackTraceLimit;
  assert.ok(before > 0);
  new HttpProblem({ status: 404 }).stack?.toString();
  assert.equal(Error.stackTraceLimit, before);
  assert.throws(() => new HttpProblem({ status: 4040 }));
  assert.equal(Error.stackTraceLimit, before);
  assert.match(String(new Error("after").stack), /\n\s+at /);
});

test("a status that is no integer from 400 to 599 is refused", () => {
  for (const status of [200, 399, 600, 404.5, NaN, Infinity, -404, "404" as never, undefined as never]) {
    assert.throws(() => new HttpProblem({ status }), {
      name: "RangeError",
      message: `HttpProblem: status must be an integer from 400 to 599, got ${inspect(status)}`,
    });
  }
  assert.equal(new HttpProblem({ status: 400 }).status, 400);
  assert.equal(new HttpProblem({ status: 599 }).status, 599);
});

test("from: a problem is itself", () => {
  const problem = new HttpProblem({ status: 503 });
  assert.equal(HttpProblem.from(problem), problem);
});

test("from: an error of http-errors keeps status and headers, and its message where it is exposed", () => {
  const like = (members: object): HttpProblem => HttpProblem.from(Object.assign(new Error("the message"), members));
  const exposed = like({ status: 416, statusCode: 416, expose: true, headers: { "Content-Range": "bytes */12" } });
  assert.deepEqual([exposed.status, exposed.detail, exposed.expose, exposed.title], [416, "the message", true, "Range Not Satisfiable"]);
  assert.deepEqual(exposed.headers, { "Content-Range": "bytes */12" });
  const hidden = like({ status: 503, expose: false, headers: { "Retry-After": 30 } });
  assert.deepEqual([hidden.status, hidden.detail, hidden.expose], [503, undefined, false]);
  assert.deepEqual(hidden.headers, { "Retry-After": "30" });
});

test("from: an error of body-parser is a 413 whose own type and fields stay inside", () => {
  const error = Object.assign(new Error("request entity too large"), {
    expose: true,
    statusCode: 413,
    status: 413,
    type: "entity.too.large",
    limit: 100,
    body: "secret",
  });
  const problem = HttpProblem.from(error);
  assert.deepEqual([problem.status, problem.detail, problem.type], [413, "request entity too large", "about:blank"]);
  assert.deepEqual(problem.extensions, {});
  assert.equal(problem.cause, error);
});

test("from: a message is not exposed unless the error says so, whatever its status", () => {
  for (const expose of [undefined, false, "yes", 1]) {
    const problem = HttpProblem.from(Object.assign(new Error("Incorrect API key provided: sk-1234"), { status: 401, expose }));
    assert.deepEqual([problem.status, problem.detail, problem.expose, problem.message], [401, undefined, false, "Unauthorized"]);
  }
});

test("from: statusCode counts when status is none", () => {
  const statusOf = (status: unknown, statusCode: unknown): number => HttpProblem.from({ status, statusCode }).status;
  assert.equal(statusOf(undefined, 409), 409);
  assert.equal(statusOf("pending", 409), 409);
  assert.equal(statusOf(422, 409), 422);
  assert.equal(statusOf(200, 302), 500);
  assert.equal(statusOf("404", "404"), 500);
  assert.equal(statusOf(404.5, NaN), 500);
});

test("from: headers that frame or encode another message are left out, as are values that are none", () => {
  const headers = {
    "content-length": "5000",
    "Transfer-Encoding": "chunked",
    connection: "upgrade",
    "content-type": "text/html",
    "content-encoding": "br",
    "x-list": ["a", "b"],
    "x-none": undefined,
    "x-null": null,
    "x-object": {},
    "retry-after": 5,
  };
  assert.deepEqual(HttpProblem.from({ status: 502, headers }).headers, { "x-list": "a,b", "retry-after": "5" });
  for (const bad of [null, "a: b", ["a"], 5]) assert.deepEqual(HttpProblem.from({ status: 502, headers: bad }).headers, {});
});

test("from: anything else is a 500 that reveals nothing to the client", () => {
  for (const thrown of [new Error("secret"), "secret", null, undefined, 42, false, Symbol("secret"), {}, [], () => "secret"]) {
    const problem = HttpProblem.from(thrown);
    assert.deepEqual(
      [problem.status, problem.detail, problem.expose, problem.message],
      [500, undefined, false, "Internal Server Error"],
      inspect(thrown),
    );
    assert.equal(problem.cause, thrown);
  }
});

test("from: a problem of another copy of the package means the same", async () => {
  const Copy = await loadCopy();
  const init = {
    status: 429,
    type: "rate-limited",
    title: "Too fast",
    detail: "Wait for 7 s.",
    headers: { "Retry-After": "7" },
    extensions: { limit: 100 },
  };
  const foreign = new Copy(init);
  assert.notEqual(Copy, HttpProblem);
  assert.ok(foreign instanceof HttpProblem);
  const problem = HttpProblem.from(foreign);
  for (const [name, value] of Object.entries(init)) assert.deepEqual(problem[name as keyof typeof init], value, name);
  assert.equal(problem.expose, true);
  assert.equal(HttpProblem.from(new Copy({ status: 404 })).detail, undefined);
  assert.equal(HttpProblem.from(new Copy({ status: 500, detail: "secret", expose: false })).expose, false);
});

forEachHost((host) => {
  test("the stock error handler of the host takes status and headers from a problem", async () => {
    const problem = new HttpProblem({ status: 405, headers: { Allow: "GET" }, detail: "Only GET." });
    await using app = await host.serve([(_req, _res, next) => next(problem)]);
    const response = await fetch(app.url);
    await response.text();
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET");
  });

  test("a thrown problem is the same as one passed to next", async () => {
    const thrower = (): never => {
      throw new HttpProblem({ status: 410 });
    };
    await using app = await host.serve([thrower]);
    assert.equal((await fetch(app.url)).status, 410);
  });
});
