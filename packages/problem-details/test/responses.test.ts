import assert from "node:assert/strict";
import { test } from "node:test";

import { type Handler, HttpProblem, type HttpProblemInit } from "@aivillage/middleware";
import { forEachHost, rawRequest } from "@aivillage/testing";

import { notFound, problemSent, type ProblemSent, problemDetails, type ProblemDetailsOptions } from "../src/index.ts";

const failWith =
  (error: unknown): Handler =>
  (_req, _res, next) =>
    next(error);

forEachHost((host) => {
  const responseTo = async (failing: Handler | HttpProblemInit, options?: ProblemDetailsOptions, init?: RequestInit) => {
    const handler = typeof failing === "function" ? failing : failWith(new HttpProblem(failing));
    await using app = await host.serve([handler], problemDetails({ log: false, ...options }));
    const response = await fetch(app.url, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, document: text === "" ? undefined : (JSON.parse(text) as unknown) };
  };

  test("a problem is sent as application/problem+json", async () => {
    const { status, headers, text } = await responseTo({
      status: 422,
      type: "https://example.com/problems/out-of-credit",
      title: "You do not have enough credit.",
      detail: "Your balance is 30, but that costs 50.",
      extensions: { balance: 30, accounts: ["/account/12345", "/account/67890"] },
    });
    assert.equal(status, 422);
    assert.equal(headers.get("content-type"), "application/problem+json");
    assert.equal(headers.get("content-length"), String(Buffer.byteLength(text)));
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(
      text,
      '{"type":"https://example.com/problems/out-of-credit","title":"You do not have enough credit.","status":422,' +
        '"detail":"Your balance is 30, but that costs 50.","balance":30,"accounts":["/account/12345","/account/67890"]}',
    );
  });

  test("what is no HTTP error is a 500 that says nothing else", async () => {
    const secret = new Error("password=hunter2");
    const thrower: Handler = () => {
      throw secret;
    };
    const late: Handler = (_req, _res, next) => void setImmediate(next, secret);
    for (const handler of [failWith(secret), thrower, late, failWith("password=hunter2"), failWith({ message: "hunter2" })]) {
      const { status, headers, document } = await responseTo(handler);
      assert.equal(status, 500);
      assert.equal(headers.get("content-type"), "application/problem+json");
      assert.deepEqual(document, { type: "about:blank", title: "Internal Server Error", status: 500 });
    }
  });

  test("a factory that is mounted without a call says so with the first request, and does not leave it without a response", async () => {
    for (const factory of [notFound, problemDetails]) {
      const errors: unknown[] = [];
      const { status } = await responseTo(factory as unknown as Handler, { log: (error) => void errors.push(error) });
      assert.equal(status, 500);
      assert.match(String(errors[0]), /got a request; call the function and mount the handler that it returns/);
    }
  });

  test("an error that throws when it is read is a 500 that says nothing else", async () => {
    const throwing = (): never => {
      throw new Error("password=hunter2");
    };
    const withGetter = Object.defineProperty(new Error("failed"), "status", { get: throwing });
    for (const error of [withGetter, new Proxy({}, { get: throwing, has: throwing })]) {
      const { status, document } = await responseTo(failWith(error));
      assert.equal(status, 500);
      assert.deepEqual(document, { type: "about:blank", title: "Internal Server Error", status: 500 });
    }
  });

  test("errors in the manner of http-errors keep status and headers, and their message where it is exposed", async () => {
    const exposed = Object.assign(new Error("request entity too large"), { status: 413, expose: true, type: "entity.too.large" });
    assert.deepEqual((await responseTo(failWith(exposed))).document, {
      type: "about:blank",
      title: "Payload Too Large",
      status: 413,
      detail: "request entity too large",
    });
    const hidden = Object.assign(new Error("db-7 is down"), { status: 503, expose: false, headers: { "retry-after": "30" } });
    const { headers, document } = await responseTo(failWith(hidden));
    assert.equal(headers.get("retry-after"), "30");
    assert.deepEqual(document, { type: "about:blank", title: "Service Unavailable", status: 503 });
  });

  test("headers of the problem are sent, except those that this response needs for itself", async () => {
    const { headers } = await responseTo({
      status: 405,
      headers: { Allow: "GET, HEAD", "Content-Type": "text/html", "Cache-Control": "max-age=60" },
    });
    assert.equal(headers.get("allow"), "GET, HEAD");
    assert.equal(headers.get("content-type"), "application/problem+json");
    assert.equal(headers.get("cache-control"), "no-store");
  });

  test("a header that Node refuses does not cost the response", async () => {
    const { status, headers } = await responseTo({
      status: 503,
      headers: { "X-Bad": "a\r\nX-Evil: 1", "bad name": "1", "Retry-After": "3" },
    });
    assert.equal(status, 503);
    assert.equal(headers.get("retry-after"), "3");
    assert.equal(headers.get("x-evil"), null);
  });

  test("with expose false neither detail nor extensions are sent", async () => {
    const { document } = await responseTo({
      status: 502,
      title: "Bad upstream",
      detail: "10.0.0.7 refused",
      extensions: { upstream: "10.0.0.7" },
      expose: false,
    });
    assert.deepEqual(document, { type: "about:blank", title: "Bad upstream", status: 502 });
  });

  test("extension members cannot replace type, title, status and detail", async () => {
    const extensions = { type: "evil", title: "evil", status: 200, detail: "evil", instance: "/orders/7" };
    const { status, document } = await responseTo({ status: 409, type: "urn:x:conflict", detail: "Taken.", extensions });
    assert.equal(status, 409);
    assert.deepEqual(document, { type: "urn:x:conflict", title: "Conflict", status: 409, detail: "Taken.", instance: "/orders/7" });
    assert.deepEqual((await responseTo({ status: 409, extensions })).document, {
      type: "about:blank",
      title: "Conflict",
      status: 409,
      instance: "/orders/7",
    });
  });

  test("extensions that JSON cannot hold are left out, and the response is sent", async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    for (const extensions of [cyclic, { big: 1n }, { toJSON: () => assert.fail("no JSON") }]) {
      const { document } = await responseTo({ status: 409, detail: "Taken.", extensions }, { requestId: () => "r-1" });
      assert.deepEqual(document, { type: "about:blank", title: "Conflict", status: 409, detail: "Taken.", request_id: "r-1" });
    }
  });

  test("a type that is a slug becomes a URI, by default of the documentation", async () => {
    const typeOf = async (type: string, options?: ProblemDetailsOptions): Promise<unknown> =>
      ((await responseTo({ status: 400, type }, options)).document as { type: unknown }).type;
    assert.equal(await typeOf("too-odd"), "https://github.com/aivillage/gateway/blob/main/docs/problems/too-odd.md");
    assert.equal(await typeOf("too-odd", { typeUri: "https://example.com/{slug}/" }), "https://example.com/too-odd/");
    assert.equal(await typeOf("urn:x:odd", { typeUri: "https://example.com/{slug}/" }), "urn:x:odd");
    assert.equal(await typeOf("/problems/odd"), "/problems/odd");
    assert.equal(await typeOf("about:blank"), "about:blank");
  });

  test("the id of the request is sent as request_id when there is one", async () => {
    const extensions = { request_id: "not the id" };
    const requestId: ProblemDetailsOptions["requestId"] = (req) => (req.url === "/" ? "r-1" : undefined);
    assert.deepEqual((await responseTo({ status: 404, extensions }, { requestId })).document, {
      type: "about:blank",
      title: "Not Found",
      status: 404,
      request_id: "r-1",
    });
    assert.deepEqual((await responseTo({ status: 404 }, { requestId: () => undefined })).document, {
      type: "about:blank",
      title: "Not Found",
      status: 404,
    });
  });

  test("HEAD gets the headers of the response and no body", async () => {
    const { status, headers, text } = await responseTo({ status: 404 }, {}, { method: "HEAD" });
    assert.deepEqual([status, text], [404, ""]);
    assert.equal(headers.get("content-type"), "application/problem+json");
    assert.equal(headers.get("content-length"), String('{"type":"about:blank","title":"Not Found","status":404}'.length));
  });

  test("headers of the failed response do not describe the error, the others stay", async () => {
    const { status, headers, document } = await responseTo((_req, res, next) => {
      res.setHeader("Content-Length", 5_000);
      res.setHeader("Content-Encoding", "gzip");
      res.setHeader("ETag", '"1"');
      res.setHeader("Expires", "Thu, 01 Jan 2099 00:00:00 GMT");
      res.setHeader("Cache-Control", "public, max-age=3600");
      res.setHeader("Access-Control-Allow-Origin", "*");
      res.setHeader("Set-Cookie", "a=b");
      next(new HttpProblem({ status: 503 }));
    });
    assert.equal(status, 503);
    for (const name of ["content-encoding", "etag", "expires"]) assert.equal(headers.get(name), null, name);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("access-control-allow-origin"), "*");
    assert.equal(headers.get("set-cookie"), "a=b");
    assert.deepEqual(document, { type: "about:blank", title: "Service Unavailable", status: 503 });
  });

  test("the reason phrase is that of the error", async () => {
    const failing: Handler = (_req, res, next) => {
      res.statusMessage = "Everything Fine";
      next(new HttpProblem({ status: 503 }));
    };
    await using app = await host.serve([failing], problemDetails({ log: false }));
    assert.match(
      await rawRequest(app.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
      /^HTTP\/1\.1 503 Service Unavailable\r\n/,
    );
  });

  test("after the head the connection is cut, so that a short response is not mistaken for a whole one", async () => {
    let fail: () => void = assert.fail;
    const failing: Handler = (_req, res, next) => {
      res.writeHead(200, { "Content-Length": 100 });
      res.write("half");
      fail = () => next(new Error("too late"));
    };
    await using app = await host.serve([failing], problemDetails({ log: false }));
    const response = await fetch(app.url);
    assert.equal(response.status, 200);
    fail();
    await assert.rejects(response.text());
  });

  test("an error after the response is complete does not take it back", async () => {
    const body = "x".repeat(4_000_000);
    const failing: Handler = (_req, res) => {
      res.end(body);
      throw new Error("too late");
    };
    await using app = await host.serve([failing], problemDetails({ log: false }));
    assert.equal(await (await fetch(app.url)).text(), body);
  });

  test("every error is reported once, with request, problem and what was passed on", async () => {
    const seen: ProblemSent[] = [];
    const stop = problemSent.subscribe((message) => void seen.push(message));
    const [plain, problem] = [new Error("inner"), new HttpProblem({ status: 404 })];
    await responseTo(failWith(plain));
    await responseTo(failWith(problem));
    stop();
    await responseTo(failWith(plain));
    assert.deepEqual(
      seen.map(({ req, problem: responded, error }) => [req.url, responded.status, responded === error, responded.cause ?? error]),
      [
        ["/", 500, false, plain],
        ["/", 404, true, problem],
      ],
    );
  });

  test("notFound turns a request without a response into a 404 with its own type", async () => {
    await using app = await host.serve([(req, res, next) => (req.url === "/" ? res.end("here") : next()), notFound()], problemDetails());
    assert.equal(await (await fetch(app.url)).text(), "here");
    const response = await fetch(`${app.url}/nowhere`);
    assert.equal(response.status, 404);
    assert.deepEqual(await response.json(), {
      type: "https://github.com/aivillage/gateway/blob/main/docs/problems/not-found.md",
      title: "Not Found",
      status: 404,
      detail: "There is nothing at this path.",
    });
  });

  test("an id that cannot be made is left out", async () => {
    const { status, document } = await responseTo({ status: 404 }, { requestId: () => assert.fail("no id") });
    assert.equal(status, 404);
    assert.deepEqual(document, { type: "about:blank", title: "Not Found", status: 404 });
  });
});
