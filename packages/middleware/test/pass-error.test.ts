import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { test } from "node:test";
import { inspect } from "node:util";

import { type ErrorHandler, type Handler, HttpProblem, passError } from "@aivillage/middleware";
import { forEachHost, listen } from "@aivillage/testing";

const problem = new HttpProblem({ status: 429, detail: "Wait.", headers: { "Retry-After": "7" } });
const refuse: Handler = (_req, res, next) => passError(problem, res, next);

forEachHost((host) => {
  const responseTo = async (handler: Handler, onError?: ErrorHandler) => {
    await using app = await host.serve([handler], onError);
    const response = await fetch(app.url);
    return { status: response.status, wait: response.headers.get("retry-after"), text: await response.text() };
  };

  test("the stock error handler responds with status and headers of the problem", async () => {
    const { status, wait } = await responseTo(refuse);
    assert.deepEqual([status, wait], [429, "7"]);
  });

  test("an error handler that knows no status but 500 sends the status and the headers of the problem", async () => {
    const onError: ErrorHandler = (_error, _req, res, _next) => {
      res.statusCode = 500;
      res.end("failed");
    };
    assert.deepEqual(await responseTo(refuse, onError), { status: 429, wait: "7", text: "failed" });
  });

  test("any other status that an error handler chooses is sent", async () => {
    const onError: ErrorHandler = (_error, _req, res, _next) => void res.writeHead(420, { "X-Calm": "1" }).end("calm");
    assert.deepEqual(await responseTo(refuse, onError), { status: 420, wait: "7", text: "calm" });
  });

  test("what an error handler sends later is sent as it is", async () => {
    const onError: ErrorHandler = (_error, _req, res, _next) => void setImmediate(() => res.writeHead(500).end("failed"));
    assert.equal((await responseTo(refuse, onError)).status, 500);
  });

  test("an error that is no problem is passed on untouched", async () => {
    const error = Object.assign(new Error("own"), { status: 409, headers: { "Retry-After": "7" } });
    const onError: ErrorHandler = (given, _req, res, _next) => void res.writeHead(500).end(String(given === error));
    assert.deepEqual(await responseTo((_req, res, next) => passError(error, res, next), onError), {
      status: 500,
      wait: null,
      text: "true",
    });
  });
});

test("a header that Node refuses is left out", async () => {
  const bad = new HttpProblem({ status: 429, headers: { "bad name": "1", "Retry-After": "7" } });
  await using app = await listen((_req, res) => passError(bad, res, () => res.writeHead(429).end()));
  assert.equal((await fetch(app.url)).headers.get("retry-after"), "7");
});

test("a response whose head was sent is left alone", async () => {
  let passed: unknown;
  const listener: RequestListener = (_req, res) => {
    res.writeHead(200).write("half");
    passError(problem, res, (error) => (passed = error));
    res.end();
  };
  await using app = await listen(listener);
  const response = await fetch(app.url);
  assert.deepEqual([response.status, response.headers.get("retry-after"), await response.text()], [200, null, "half"]);
  assert.equal(passed, problem);
});

test("a wrapper that another middleware puts around writeHead while the error is handled stays in use", async () => {
  const heads: number[] = [];
  await using app = await listen((_req, res) => {
    passError(problem, res, () => {
      const writeHead = res.writeHead.bind(res);
      res.writeHead = (status: number) => {
        heads.push(status);
        return writeHead(status);
      };
    });
    res.writeHead(500).end();
  });
  assert.equal((await fetch(app.url)).status, 500);
  assert.deepEqual(heads, [500]);
});

test("a refusal is printed in one line, an error of this side with its stack and cause", () => {
  assert.equal(inspect(problem), "HttpProblem: 429 Too Many Requests: Wait.");
  assert.equal(inspect(new HttpProblem({ status: 404 })), "HttpProblem: 404 Not Found");
  const shown = inspect(new HttpProblem({ status: 503, detail: "db-7 is down", expose: false, cause: new Error("inner") }));
  assert.match(shown, /^HttpProblem: Service Unavailable\n +at .*\n[\s\S]*db-7 is down[\s\S]*Error: inner/);
});
