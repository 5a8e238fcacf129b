import assert from "node:assert/strict";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { forEachHost, rawRequest } from "@aivillage/testing";

import { getRequestId, requestId } from "../src/index.ts";

const showId: Handler = (req, res) => void res.end(getRequestId(req) ?? "none");
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

forEachHost((host) => {
  const respond = async (handler: Handler, headers: Record<string, string> = {}, field = "x-request-id") => {
    await using app = await host.serve([handler, showId]);
    const response = await fetch(app.url, { headers });
    return { status: response.status, header: response.headers.get(field), id: await response.text() };
  };

  test("a request without an id gets a UUID, the same in getRequestId() and the response header", async () => {
    const { header, id } = await respond(requestId());
    assert.match(id, uuid);
    assert.equal(header, id);
  });

  test("every request gets another id", async () => {
    await using app = await host.serve([requestId(), showId]);
    const ids = await Promise.all(Array.from({ length: 20 }, async () => (await fetch(app.url)).text()));
    assert.equal(new Set(ids).size, 20);
  });

  test("a well-formed id of the caller is kept", async () => {
    for (const sent of ["a", "0d5c6b5e-7d4f-4b3a-9d4c-2b0e6f8f2a11", "Root=1-67891233:abc/DEF+1_2.3==", "x".repeat(128)]) {
      assert.deepEqual(await respond(requestId(), { "X-Request-Id": sent }), { status: 200, header: sent, id: sent });
    }
  });

  test("an ill-formed id is replaced and never echoed", async () => {
    for (const sent of ["", "x".repeat(129), "two words", "a,b", 'quo"te', "<script>", "${jndi:ldap}", "caf\u00e9", "a;b", "%0d%0a"]) {
      const { header, id } = await respond(requestId(), { "X-Request-Id": sent });
      assert.match(id, uuid, `for ${JSON.stringify(sent)}`);
      assert.equal(header, id);
    }
  });

  test("an id sent twice is replaced", async () => {
    await using app = await host.serve([requestId(), showId]);
    const text = await rawRequest(
      app.port,
      "GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: one\r\nX-Request-Id: two\r\nConnection: close\r\n\r\n",
    );
    const [, header = ""] = /^x-request-id: (.*)\r$/im.exec(text) ?? [];
    assert.match(header, uuid);
  });

  test("another header can carry the id", async () => {
    const handler = requestId({ header: "X-Correlation-Id" });
    assert.deepEqual(await respond(handler, { "x-correlation-id": "abc" }, "x-correlation-id"), { status: 200, header: "abc", id: "abc" });
    const { header, id } = await respond(handler, { "X-Request-Id": "abc" });
    assert.equal(header, null);
    assert.match(id, uuid);
  });

  test("an untrusted caller's id is replaced", async () => {
    const { header, id } = await respond(requestId({ trustIncoming: false }), { "X-Request-Id": "abc" });
    assert.match(id, uuid);
    assert.equal(header, id);
  });

  test("trust can depend on the request", async () => {
    const handler = requestId({ trustIncoming: (req) => req.headers["x-internal"] === "yes" });
    assert.equal((await respond(handler, { "X-Request-Id": "abc", "X-Internal": "yes" })).id, "abc");
    assert.match((await respond(handler, { "X-Request-Id": "abc" })).id, uuid);
  });

  test("only true is trust: a truthy value is an error of the server", async () => {
    const handler = requestId({ trustIncoming: (() => "yes") as unknown as () => boolean });
    const { header, id } = await respond(handler, { "X-Request-Id": "abc" });
    assert.match(id, /must return true or false, got string|^Internal Server Error\n$/);
    assert.notEqual(header, "abc");
  });

  test("ids can be made by the caller's own function", async () => {
    assert.equal((await respond(requestId({ generate: () => "01J9Z3" }))).id, "01J9Z3");
  });

  test("a generated id that is ill-formed is an error of the request, not a broken header", async () => {
    for (const made of ["", "a b", "a\r\nX-Evil: 1", "x".repeat(129), 7, undefined, null]) {
      const { status, header } = await respond(requestId({ generate: () => made as string }));
      assert.equal(status, 500, `for ${JSON.stringify(made)}`);
      assert.equal(header, null);
    }
  });

  test("mounted twice, the request keeps its first id and both headers carry it", async () => {
    await using app = await host.serve([requestId(), requestId({ header: "X-Correlation-Id" }), showId]);
    const response = await fetch(app.url);
    const id = await response.text();
    assert.equal(response.headers.get("x-request-id"), id);
    assert.equal(response.headers.get("x-correlation-id"), id);
  });

  test("an error response carries the id too", async () => {
    await using app = await host.serve([requestId(), (_req, _res, next) => next(Object.assign(new Error("teapot"), { status: 418 }))]);
    const response = await fetch(app.url, { headers: { "X-Request-Id": "abc" } });
    assert.equal(response.status, 418);
    assert.equal(response.headers.get("x-request-id"), "abc");
  });

  test("without the middleware there is no id", async () => {
    assert.equal((await respond((_req, _res, next) => next())).id, "none");
  });
});
