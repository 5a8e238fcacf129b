import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import { type Handler, requestValue } from "@aivillage/middleware";
import { forEachHost } from "@aivillage/testing";

const request = (): IncomingMessage => ({}) as IncomingMessage;

/** The module a second time, as when two versions of the package are installed. */
const loadCopy = async (): Promise<{ requestValue: typeof requestValue }> => {
  const address = new URL("../src/request-value.ts?copy", import.meta.url).href;
  return (await import(address)) as { requestValue: typeof requestValue };
};

test("a value is undefined until it is set, and belongs to one request", () => {
  const value = requestValue<{ n: number }>("@aivillage/test.one");
  const [first, second] = [request(), request()];
  assert.equal(value.get(first), undefined);
  const one = { n: 1 };
  value.set(first, one);
  assert.equal(value.get(first), one);
  assert.equal(value.get(second), undefined);
});

test("a value can be replaced, also by undefined or false", () => {
  const value = requestValue<number | false | undefined>("@aivillage/test.replaced");
  const req = request();
  value.set(req, 1);
  value.set(req, false);
  assert.equal(value.get(req), false);
  value.set(req, undefined);
  assert.equal(value.get(req), undefined);
});

test("places of different names do not touch, places of one name are one", () => {
  const req = request();
  requestValue<number>("@aivillage/test.a").set(req, 1);
  assert.equal(requestValue<number>("@aivillage/test.b").get(req), undefined);
  assert.equal(requestValue<number>("@aivillage/test.a").get(req), 1);
});

test("another copy of the package in the process shares the value", async () => {
  const copy = await loadCopy();
  assert.notEqual(copy.requestValue, requestValue);
  const req = request();
  copy.requestValue<string>("@aivillage/test.shared").set(req, "from the copy");
  assert.equal(requestValue<string>("@aivillage/test.shared").get(req), "from the copy");
});

test("property names, loops and JSON do not see it", () => {
  const req = request();
  requestValue<string>("@aivillage/test.hidden").set(req, "hidden");
  assert.deepEqual(Object.keys(req), []);
  assert.equal(JSON.stringify(req), "{}");
  for (const name in req) assert.fail(name);
});

forEachHost((host) => {
  test("a value set by one handler is read by the next, and not by another request", async () => {
    const value = requestValue<string>("@aivillage/test.host");
    const setter: Handler = (req, _res, next) => next(req.url === "/set" ? value.set(req, "set") : undefined);
    await using app = await host.serve([setter, (req, res) => void res.end(String(value.get(req)))]);
    assert.equal(await (await fetch(`${app.url}/set`)).text(), "set");
    assert.equal(await (await fetch(app.url)).text(), "undefined");
  });
});
