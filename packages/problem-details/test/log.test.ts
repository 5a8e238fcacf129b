import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

import { HttpProblem } from "@aivillage/middleware";
import { eventually, forEachHost } from "@aivillage/testing";

import { problemDetails, type ProblemDetailsOptions } from "../src/index.ts";

const unexpected = [
  new Error("secret"),
  "secret",
  undefined,
  Object.assign(new Error("db-7 is down"), { status: 503 }),
  new HttpProblem({ status: 500 }),
];
const expected = [
  new HttpProblem({ status: 429 }),
  new HttpProblem({ status: 502, cause: new Error("reset") }),
  Object.assign(new Error("too large"), { status: 413 }),
];

forEachHost((host) => {
  const logOf = async (error: unknown): Promise<unknown[]> => {
    const logged: unknown[] = [];
    const log: ProblemDetailsOptions["log"] = (given, req) => logged.push([given, req.method]);
    await using app = await host.serve([(_req, _res, next) => next(error ?? new Error("none"))], problemDetails({ log }));
    await (await fetch(app.url)).text();
    return logged;
  };

  test("an unexpected error is logged once, with its request", async () => {
    for (const error of unexpected.filter((each) => each !== undefined)) assert.deepEqual(await logOf(error), [[error, "GET"]]);
  });

  test("an expected response is not logged", async () => {
    for (const error of expected) assert.deepEqual(await logOf(error), []);
  });

  test("a log that throws does not cost the client its response", async (t) => {
    const printed = t.mock.method(console, "error", () => undefined);
    const log = (): never => assert.fail("disk full");
    await using app = await host.serve([(_req, _res, next) => next(new Error("x"))], problemDetails({ log }));
    assert.equal((await fetch(app.url)).status, 500);
    assert.equal(printed.mock.callCount(), 1);
  });

  test("a log that rejects does not end the process", async (t) => {
    const printed = t.mock.method(console, "error", () => undefined);
    const failure = new Error("the service of errors is down");
    const log = () => Promise.reject(failure);
    await using app = await host.serve([(_req, _res, next) => next(new Error("x"))], problemDetails({ log }));
    assert.equal((await fetch(app.url)).status, 500);
    await eventually(() => printed.mock.callCount() === 1, "the failure is printed");
    const [, reported] = (printed.mock.calls[0]?.arguments ?? []) as unknown[];
    assert.equal(reported, failure);
  });
});

test("without options an unexpected error reaches the console with its stack, and without the query string", () => {
  const program = `
    import { problemDetails } from ${JSON.stringify(join(import.meta.dirname, "../src/index.ts"))};
    import { toListener } from "@aivillage/middleware";
    import { createServer } from "node:http";
    const server = createServer(toListener(() => { throw new Error("broken"); }, problemDetails())).listen(0, async () => {
      await (await fetch("http://127.0.0.1:" + server.address().port + "/orders?key=secret")).text();
      server.close();
      server.closeAllConnections();
    });`;
  const run = `${JSON.stringify(process.execPath)} --conditions=@aivillage/source --input-type=module -e '${program}' 2>&1`;
  const printed = execFileSync("/bin/sh", ["-c", run], { encoding: "utf8", cwd: import.meta.dirname });
  assert.match(printed, /^unexpected error in GET \/orders: Error: broken\n +at /);
});
