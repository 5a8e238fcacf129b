import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";

import { compose, type Handler, HttpProblem, toListener } from "@aivillage/middleware";
import { eventually, listen, rawRequest } from "@aivillage/testing";

const get = async (...args: Parameters<typeof toListener>): Promise<{ status: number; headers: Headers; text: string }> => {
  await using server = await listen(toListener(...args));
  const response = await fetch(server.url);
  return { status: response.status, headers: response.headers, text: await response.text() };
};

test("what the handler sends is the response", async () => {
  assert.equal((await get((_req, res) => void res.end("hello"))).text, "hello");
});

test("a request that no handler responds to is a 404", async () => {
  const { status, headers, text } = await get((_req, _res, next) => next());
  assert.deepEqual([status, text], [404, "Not Found\n"]);
  assert.equal(headers.get("content-type"), "text/plain; charset=utf-8");
});

test("a problem gives status and headers, and its detail stays inside", async () => {
  const problem = new HttpProblem({ status: 429, detail: "for your eyes only", headers: { "Retry-After": "7" } });
  const { status, headers, text } = await get((_req, _res, next) => next(problem));
  assert.deepEqual([status, headers.get("retry-after"), text], [429, "7", "Too Many Requests\n"]);
});

test("an error that is thrown or passed on is a 500 without a word about it", async () => {
  const secret = new Error("password=hunter2");
  const thrower: Handler = () => {
    throw secret;
  };
  const passer: Handler = (_req, _res, next) => void setImmediate(next, secret);
  for (const handler of [thrower, passer, compose(thrower)]) {
    const { status, text } = await get(handler);
    assert.deepEqual([status, text], [500, "Internal Server Error\n"]);
  }
});

test("headers and reason of the failed response do not describe the error", async () => {
  const { status, headers, text } = await get((_req, res, next) => {
    res.statusMessage = "Everything Fine";
    res.setHeader("Content-Length", 5_000);
    res.setHeader("Content-Encoding", "gzip");
    res.setHeader("ETag", '"1"');
    res.setHeader("Content-Security-Policy", "default-src 'none'");
    next(new HttpProblem({ status: 503 }));
  });
  assert.deepEqual([status, text], [503, "Service Unavailable\n"]);
  assert.equal(headers.get("content-length"), "20");
  assert.equal(headers.get("content-encoding"), null);
  assert.equal(headers.get("etag"), null);
  assert.equal(headers.get("content-security-policy"), "default-src 'none'");
});

test("the reason phrase is that of the error", async () => {
  await using server = await listen(
    toListener((_req, res, next) => {
      res.statusMessage = "Everything Fine";
      next(new HttpProblem({ status: 503 }));
    }),
  );
  assert.match(
    await rawRequest(server.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
    /^HTTP\/1\.1 503 Service Unavailable\r\n/,
  );
});

test("a header that Node refuses does not cost the response", async () => {
  const headers = { "X-Bad": "a\r\nX-Evil: 1", "bad name": "1", "Retry-After": "3" };
  const response = await get((_req, _res, next) => next(new HttpProblem({ status: 503, headers })));
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "3");
  assert.equal(response.headers.get("x-evil"), null);
});

test("onError gets the error and may respond", async () => {
  const error = new Error("mine");
  const { status, text } = await get(
    (_req, _res, next) => next(error),
    (got, _req, res, _next) => {
      assert.equal(got, error);
      res.writeHead(502).end("answered");
    },
  );
  assert.deepEqual([status, text], [502, "answered"]);
});

test("onError gets a 404 problem when no handler responds", async () => {
  const { text } = await get(
    (_req, _res, next) => next(),
    (error, _req, res, _next) => void res.end(String(error instanceof HttpProblem && error.status)),
  );
  assert.equal(text, "404");
});

test("what onError passes on or throws is sent as plain text", async () => {
  const fail: Handler = (_req, _res, next) => next(new HttpProblem({ status: 418 }));
  assert.equal((await get(fail, (error, _req, _res, next) => next(error))).status, 418);
  assert.equal((await get(fail, (_error, _req, _res, next) => next())).status, 418);
  assert.equal((await get(fail, (_error, _req, _res, next) => next(new HttpProblem({ status: 503 })))).status, 503);
  const broken = (): never => {
    throw new Error("the error handler failed");
  };
  assert.deepEqual([(await get(fail, broken)).status, (await get(fail, broken)).text], [500, "Internal Server Error\n"]);
  const late: Handler = (_req, _res, next) => void setImmediate(next, new Error("late"));
  assert.equal((await get(late, broken)).status, 500);
});

test("after the head the connection is cut, so that a short response is not mistaken for a whole one", async () => {
  let fail: () => void = assert.fail;
  await using server = await listen(
    toListener((_req, res, next) => {
      res.writeHead(200, { "Content-Length": 100 });
      res.write("half");
      fail = () => next(new Error("too late"));
    }),
  );
  const response = await fetch(server.url);
  assert.equal(response.status, 200);
  fail();
  await assert.rejects(response.text());
});

test("an error after the response is complete does not take it back", async () => {
  const body = "x".repeat(4_000_000);
  const { status, text } = await get((_req, res) => {
    res.end(body);
    throw new Error("too late");
  });
  assert.equal(status, 200);
  assert.equal(text, body);
});

test("HEAD gets the headers and no body", async () => {
  await using server = await listen(toListener((_req, _res, next) => next()));
  const response = await rawRequest(server.port, "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assert.match(response, /^HTTP\/1\.1 404 [^]*Content-Length: 10\r\n[^]*\r\n\r\n$/);
});

test("a body that a failed reader left half read does not block the connection", async () => {
  await using server = await listen(
    toListener((req, _res, next) => {
      if (req.method === "GET") return next();
      req.once("data", () => {
        req.pause();
        next(new HttpProblem({ status: 413 }));
      });
    }),
  );
  const body = "x".repeat(500_000);
  const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;
  const responses = await rawRequest(server.port, `${head}${body}GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, 2_000);
  assert.deepEqual(responses.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 413", "HTTP/1.1 404"]);
});

test("a client that leaves before an error comes harms nobody", async () => {
  let failed = false;
  await using server = await listen(
    toListener((req, res, next) => {
      if (req.url === "/ok") return void res.end("alive");
      res.once("close", () => {
        next(new Error("nobody listens"));
        failed = true;
      });
    }),
  );
  const client = request(server.url, { path: "/" });
  client.on("error", () => undefined).end();
  client.once("socket", (socket) => socket.once("connect", () => setTimeout(() => client.destroy(), 20)));
  await eventually(() => failed, "the handler saw the client leave");
  assert.equal(await (await fetch(`${server.url}/ok`)).text(), "alive");
});

test("what is no function is refused when the listener is made", () => {
  assert.throws(
    () => toListener(undefined as never),
    /^TypeError: @aivillage\/middleware: option `handler` must be a function, got undefined$/,
  );
  assert.throws(() => toListener(() => undefined, 5 as never), /option `onError` must be a function, got 5/);
});

test("the rejection of an async handler is handled like a thrown error, and the server goes on", async () => {
  const rejecting = (() => Promise.reject(new HttpProblem({ status: 503 }))) as unknown as Handler;
  await using server = await listen(toListener(rejecting));
  for (const expected of [503, 503]) assert.equal((await fetch(server.url)).status, expected);
});

test("an async error handler that rejects gets the response that one that throws gets", async () => {
  const failing: Handler = (_req, _res, next) => next(new Error("first"));
  const { status, text } = await get(failing, async () => {
    throw new HttpProblem({ status: 503 });
  });
  assert.deepEqual([status, text], [503, "Service Unavailable\n"]);
});
