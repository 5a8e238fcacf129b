import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { eventually, forEachHost, rawRequest } from "@aivillage/testing";

import { sanitizeInput } from "../src/index.ts";
import { anything, asJson, assertProblem, echoInput, post, send } from "./problem-app.ts";

const body = anything;

forEachHost((host) => {
  test("JSON media types in UTF-8 pass, anything else gets a response that says what to send", async () => {
    for (const type of [
      "application/json",
      "Application/JSON; charset=UTF-8",
      'application/problem+json;charset="utf-8"',
      "application/json; v=1",
    ]) {
      assert.equal((await post(host, { body }, "1", { "Content-Type": type })).status, 200, type);
    }
    for (const type of [
      "text/plain",
      "application/json; charset=utf-16",
      "application/jsonp",
      "multipart/form-data",
      "application/x+json+y",
    ]) {
      const response = await post(host, { body }, "1", { "Content-Type": type });
      assertProblem(response, 415, "unsupported-media-type");
      assert.equal(response.headers.get("accept"), "application/json");
    }
    const compressed = await post(host, { body }, "1", { "Content-Encoding": "gzip" });
    assertProblem(compressed, 415, "unsupported-media-type", /compressed/);
    assert.equal(compressed.headers.get("accept-encoding"), "identity");
  });

  test("an empty body, bad UTF-8, a byte order mark and NUL are refused", async () => {
    assertProblem(await send(host, { body }, "/", { method: "POST" }), 400, "malformed-json", /empty/);
    assertProblem(await post(host, { body }, new Uint8Array([0x22, 0xc3, 0x22])), 400, "malformed-json", /UTF-8/);
    assertProblem(await post(host, { body }, new Uint8Array([0xef, 0xbb, 0xbf, 0x31])), 400, "malformed-json", /byte order mark/);
    assertProblem(await post(host, { body }, new Uint8Array([0x22, 0, 0x22])), 400, "malformed-json", /line 1, column 2/);
    const nul = await post(host, { body }, '{"a":["x\\u0000y"]}');
    assertProblem(nul, 400, "malformed-input");
    assert.deepEqual(nul.json.errors, [{ detail: "has a NUL character", pointer: "#/a/0" }]);
    const half = await post(host, { body }, '{"\\ud800":1}');
    assertProblem(half, 400, "malformed-input");
    assert.equal((await post(host, { body }, '"\\ud83d\\ude00"')).status, 200);
  });

  test("a syntax error is reported by position and without the text", async () => {
    const response = await post(host, { body }, '{\n  "password": hunter2\n}');
    assertProblem(response, 400, "malformed-json", /^The body is not valid JSON at line 2, column 15\.$/);
    assert.ok(!response.text.includes("hunter"));
  });

  test("the same key twice in one object is refused, in two objects it is fine", async () => {
    assertProblem(await post(host, { body }, '{"role":"user","role":"admin"}'), 400, "malformed-json", /same key twice/);
    assert.equal((await post(host, { body, screening: false }, '{"a":{"k":":{,"},"b":{"k":2}}')).status, 200);
  });

  test("a declared length over the limit is refused before a byte of the body is read", async () => {
    await using app = await host.serve([sanitizeInput({ body, limits: { bodyBytes: 100 } }), echoInput], asJson);
    const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 101\r\n\r\n";
    const response = await rawRequest(app.port, head, 1_000);
    assert.match(response, /^HTTP\/1\.1 413 /);
    assert.match(response, /\r\nConnection: close\r\n/i);
    assert.match(response, /"limit_bytes":100\b/);
    assert.equal((await post(host, { body, limits: { bodyBytes: 100 } }, `"${"x".repeat(98)}"`)).status, 200);
  });

  test("a chunked body stops at the limit", async () => {
    await using app = await host.serve([sanitizeInput({ body, limits: { bodyBytes: 100 } }), echoInput], asJson);
    const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    const response = await rawRequest(app.port, `${head}64\r\n${" ".repeat(100)}\r\n1\r\n1\r\n`, 1_000);
    assert.match(response, /^HTTP\/1\.1 413 /);
    assert.match(response, /payload-too-large/);
    const good = await rawRequest(app.port, `${head}1\r\n1\r\n1\r\n2\r\n0\r\n\r\n`);
    assert.match(good, /^HTTP\/1\.1 200 [^]*"body":12/);
  });

  test("a body that stalls gets 408 and the connection is closed", async () => {
    await using app = await host.serve([sanitizeInput({ body, limits: { bodyTimeoutMs: 30 } }), echoInput], asJson);
    const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n[1,";
    const response = await rawRequest(app.port, head, 2_000);
    assert.match(response, /^HTTP\/1\.1 408 /);
    assert.match(response, /request-timeout/);
  });

  test("a client that leaves in the middle gets no response and is not an error, and no listener stays", async () => {
    let nexts = 0;
    let request: Parameters<Handler>[0] | undefined;
    const sanitize = sanitizeInput({ body });
    const watch: Handler = (req, res, next) => {
      request = req;
      sanitize(req, res, (error) => {
        nexts += 1;
        next(error);
      });
    };
    await using app = await host.serve([watch, echoInput], asJson);
    const socket = connect(app.port, "127.0.0.1", () =>
      socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n[1,"),
    );
    socket.on("error", () => undefined);
    await eventually(() => request !== undefined && request.listenerCount("data") > 0, "the body is being read");
    socket.resetAndDestroy();
    await eventually(() => request?.destroyed === true && request.listenerCount("data") === 0, "the request is let go");
    assert.equal(nexts, 0);
    assert.equal(request?.listenerCount("error"), 0);
    assert.equal(request?.listenerCount("end"), 0);
  });

  test("a body that somebody has already read without leaving it is a clear error and no hanging", async () => {
    const drain: Handler = (req, _res, next) => void req.resume().once("end", () => setImmediate(next));
    let message = "";
    await using app = await host.serve([drain, sanitizeInput({ body }), echoInput], (error, req, res, next) => {
      message = String(error);
      asJson(error, req, res, next);
    });
    const response = await fetch(app.url, { method: "POST", body: "1", headers: { "Content-Type": "application/json" } });
    assert.equal(response.status, 500);
    assert.match(message, /body was read before and `req\.body` is not set/);
  });
});
