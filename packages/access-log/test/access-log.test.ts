import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";

import { type Handler, HttpProblem } from "@aivillage/middleware";
import { eventually, forEachHost, rawRequest } from "@aivillage/testing";

import { accessLog, type AccessLogFailed, accessLogFailed, type AccessLogOptions, createLogger } from "../src/index.ts";
import { recorder } from "./recorder.ts";

const respond =
  (status: number, body = "ok"): Handler =>
  (_req, res) => {
    res.statusCode = status;
    res.end(body);
  };

forEachHost((host) => {
  const logOf = async (options: AccessLogOptions, handler: Handler, target = "/") => {
    const logger = recorder();
    await using app = await host.serve([accessLog({ logger, ...options }), handler]);
    const response = await fetch(app.url + target);
    await response.text();
    const [line] = await logger.lines(1);
    assert.ok(line !== undefined);
    return { line, entry: logger.entries[0], response };
  };

  test("a completed request is one line with these fields in this order", async () => {
    const { line, entry } = await logOf(
      { requestId: () => "id-1", traceId: () => "trace-1", clientIp: () => "192.0.2.1", route: () => "/users/:id" },
      respond(201),
      "/users/7?token=abc",
    );
    const { duration_ms: duration, request_bytes: incoming, response_bytes: bytes, ...rest } = line;
    assert.deepEqual(rest, {
      request_id: "id-1",
      trace_id: "trace-1",
      method: "GET",
      path: "/users/7",
      route: "/users/:id",
      status: 201,
      client_ip: "192.0.2.1",
      outcome: "completed",
    });
    assert.ok(duration >= 0 && Number(bytes) > 2 && Number(incoming) > 30);
    assert.equal(
      Object.keys(line).join(),
      "request_id,trace_id,method,path,route,status,duration_ms,request_bytes,response_bytes,client_ip,outcome",
    );
    assert.deepEqual([entry?.level, entry?.message], ["info", "request completed"]);
  });

  test("what no resolver gives is absent from the JSON line", async () => {
    const written: string[] = [];
    const logger = createLogger({ destination: { write: (line) => written.push(line) } });
    await using app = await host.serve([accessLog({ logger }), respond(200)]);
    await (await fetch(app.url)).text();
    await eventually(() => written.length === 1, "the line");
    const line = JSON.parse(written.join("")) as Record<string, unknown>;
    assert.deepEqual(Object.keys(line), [
      "level",
      "time",
      "method",
      "path",
      "status",
      "duration_ms",
      "request_bytes",
      "response_bytes",
      "outcome",
      "msg",
    ]);
  });

  test("no query, header or body reaches the line", async () => {
    const written: string[] = [];
    const logger = createLogger({ destination: { write: (line) => written.push(line) } });
    await using app = await host.serve([accessLog({ logger }), respond(200, "body-of-the-answer")]);
    const headers = { Authorization: "Bearer in-a-header", Cookie: "sid=in-a-cookie", "User-Agent": "agent-of-the-client" };
    await (await fetch(`${app.url}/p?key=in-the-query#in-the-fragment`, { method: "POST", body: "body-of-the-request", headers })).text();
    await eventually(() => written.length === 1, "the line");
    assert.doesNotMatch(written.join(""), /in-a-|in-the-|agent-of|body-of|\?/);
  });

  test("the level follows the status", async () => {
    const expected = {
      200: "info",
      302: "info",
      400: "info",
      401: "warn",
      403: "warn",
      404: "info",
      429: "warn",
      500: "error",
      503: "error",
    };
    for (const [status, level] of Object.entries(expected))
      assert.equal((await logOf({}, respond(Number(status)))).entry?.level, level, status);
  });

  test("the status of an error that a handler hands on is logged as it was sent", async () => {
    const { line, response } = await logOf({}, (_req, _res, next) => next(new HttpProblem({ status: 429 })));
    assert.deepEqual([line.status, response.status, line.outcome], [429, 429, "completed"]);
  });

  test("an option chooses another level", async () => {
    const { entry } = await logOf(
      { level: ({ status, path }) => (status === 200 && path === "/x" ? "error" : "info") },
      respond(200),
      "/x",
    );
    assert.equal(entry?.level, "error");
  });

  test("of a level that is switched off nothing is made, unless the option chooses the level", async () => {
    const logger = Object.assign(recorder(), { isLevelEnabled: (level: string) => level !== "info" });
    let asked = 0;
    const requestId = (): string => `id-${(asked += 1)}`;
    await using app = await host.serve([
      accessLog({ logger, requestId }),
      (req, res) => {
        res.statusCode = req.url === "/fails" ? 503 : 200;
        res.end();
      },
    ]);
    await (await fetch(app.url)).text();
    await (await fetch(`${app.url}/fails`)).text();
    const lines = await logger.lines(1);
    assert.deepEqual([lines[0]?.status, lines[0]?.request_id, asked], [503, "id-1", 1]);

    await using chosen = await host.serve([accessLog({ logger, level: () => "warn" }), respond(200)]);
    await (await fetch(chosen.url)).text();
    await logger.lines(2);
    assert.equal(logger.entries[1]?.level, "warn");
  });

  test("resolvers and fields are asked at the end of the request", async () => {
    const { line } = await logOf(
      { route: (req) => req.headers["x-route"] as string, fields: (_req, res) => ({ type: res.getHeader("content-type") }) },
      (req, res) => {
        req.headers["x-route"] = "/late/:id";
        res.setHeader("Content-Type", "text/x-test");
        res.end();
      },
    );
    assert.deepEqual([line.route, line["type"]], ["/late/:id", "text/x-test"]);
  });

  test("further fields join the line but replace none of it", async () => {
    const fields = () => ({ tenant: "blue", route: "/own", status: 999, path: "/fake", level: "FATAL", time: "never", msg: "fake" });
    const { line } = await logOf({ fields }, respond(200), "/real");
    assert.deepEqual([line["tenant"], line.route, line.status, line.path], ["blue", "/own", 200, "/real"]);
    assert.ok(!("level" in line) && !("time" in line) && !("msg" in line));
  });

  test("skipped requests are served and not logged", async () => {
    const logger = recorder();
    await using app = await host.serve([accessLog({ logger, skip: (req) => req.url === "/livez" }), respond(200)]);
    for (const path of ["/livez", "/other", "/livez"]) assert.equal((await fetch(app.url + path)).status, 200);
    assert.deepEqual(
      (await logger.lines(1)).map(({ path }) => path),
      ["/other"],
    );
  });

  test("whatever an option throws, the request is served, the line names the option, and an event reports it", async () => {
    const boom = (): never => {
      throw new Error("boom");
    };
    const failures: AccessLogFailed[] = [];
    const unsubscribe = accessLogFailed.subscribe((failure) => void failures.push(failure));
    const options = { requestId: boom, traceId: boom, clientIp: boom, route: boom, fields: boom, level: boom, skip: boom };
    const { line, entry, response } = await logOf(options, respond(200));
    unsubscribe();
    const names = ["skip", "route", "requestId", "traceId", "clientIp", "fields", "level"];
    assert.deepEqual(line.failed_options, names);
    assert.deepEqual([response.status, line.status, entry?.level], [200, 200, "info"]);
    assert.deepEqual(
      failures.map(({ option, error, req }) => [option, String(error), req.method]),
      names.map((name) => [name, "Error: boom", "GET"]),
    );
  });

  test("an invalid level is reported, and the line is written as info", async () => {
    const { line, entry } = await logOf({ level: () => "loud" as "info" }, respond(500));
    assert.deepEqual([line.failed_options, entry?.level], [["level"], "info"]);
  });

  test("a logger that throws or rejects does not hurt the request or the next one", async () => {
    const failures: AccessLogFailed[] = [];
    const unsubscribe = accessLogFailed.subscribe((failure) => void failures.push(failure));
    const broken = (): never => {
      throw new Error("disk full");
    };
    const rejecting = (): Promise<never> => Promise.reject(new Error("disk full"));
    const logger = { info: broken, warn: rejecting, error: broken };
    await using app = await host.serve([accessLog({ logger }), respond(200)]);
    await using other = await host.serve([accessLog({ logger }), respond(403)]);
    for (const { url } of [app, other, app, other]) assert.equal(await (await fetch(url)).text(), "ok");
    await eventually(() => failures.length === 4, "four events");
    unsubscribe();
    assert.deepEqual(new Set(failures.map(({ option }) => option)), new Set(["logger"]));
  });

  test("control characters in a path stay on one line, escaped", async () => {
    const written: string[] = [];
    const logger = createLogger({ destination: { write: (line) => written.push(line) } });
    const decode: Handler = (req, _res, next) => {
      Object.assign(req, { originalUrl: '/a\r\n{"level":"ERROR"}\u0000\u001b[31m\u007f\u009b\u2028b' });
      next();
    };
    await using app = await host.serve([decode, accessLog({ logger }), respond(200)]);
    await (await fetch(app.url)).text();
    await eventually(() => written.length === 1, "the line");
    const [text = ""] = written;
    assert.match(text, /^[ -~]+\n$/);
    const line = JSON.parse(text) as Record<string, unknown>;
    assert.equal(line["path"], '/a%0D%0A{"level":"ERROR"}%00%1B[31m%7F%C2%9B%E2%80%A8b');
    assert.equal(line["level"], "INFO");
  });

  test("percent-encoded line breaks of a client stay encoded", async () => {
    const { line } = await logOf({}, respond(200), "/a%0d%0ab");
    assert.equal(line.path, "/a%0d%0ab");
  });

  test("the bytes of each response on a shared connection are its own, pipelined or not", async () => {
    const logger = recorder();
    const sized: Handler = (req, res) => {
      const body = "x".repeat(Number(req.headers["x-size"]));
      setTimeout(() => res.end(body), req.url === "/slow" ? 40 : 0);
    };
    await using app = await host.serve([accessLog({ logger }), sized]);
    const request = (path: string, size: number) => `GET ${path} HTTP/1.1\r\nHost: a\r\nX-Size: ${size}\r\n\r\n`;
    const text = await rawRequest(
      app.port,
      request("/slow", 10) +
        request("/b", 70_000) +
        request("/c", 0) +
        request("/d", 5).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"),
      30_000,
    );
    const lines = await logger.lines(4);
    assert.deepEqual(
      lines.map(({ path, outcome }) => [path, outcome]),
      ["/slow", "/b", "/c", "/d"].map((path) => [path, "completed"]),
    );
    const responses = text.split(/(?=HTTP\/1\.1 200)/).map(({ length }) => length);
    assert.deepEqual(
      lines.map(({ response_bytes: bytes }) => bytes),
      responses,
    );
  });

  test("the bytes of each request are its head and body, on its own connection or a shared one", async () => {
    const logger = recorder();
    const echo: Handler = (req, res) => void req.resume().on("end", () => res.end("ok"));
    await using app = await host.serve([accessLog({ logger }), echo]);
    const post = (body: string, more = "") => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;
    const chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    const first = post("x".repeat(100_000));
    await rawRequest(app.port, post("x".repeat(5_000), "Connection: close\r\n"));
    await rawRequest(app.port, chunked);
    const socket = connect(app.port, "127.0.0.1");
    socket.write(first);
    await once(socket, "data");
    socket.write(post("y"));
    await once(socket, "data");
    socket.destroy();
    const sent = [post("x".repeat(5_000), "Connection: close\r\n"), chunked, first, post("y")];
    assert.deepEqual(
      (await logger.lines(4)).map(({ request_bytes: bytes }) => bytes),
      sent.map(({ length }) => length),
    );
  });

  test("a streamed response is counted whole", async () => {
    const logger = recorder();
    const stream: Handler = (_req, res) => {
      let left = 20;
      const timer = setInterval(() => {
        left -= 1;
        res.write("y".repeat(1_000));
        if (left > 0) return;
        clearInterval(timer);
        res.end();
      }, 1);
    };
    await using app = await host.serve([accessLog({ logger }), stream]);
    const text = await rawRequest(app.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    const [line] = await logger.lines(1);
    assert.equal(line?.response_bytes, text.length);
    assert.ok(text.length > 20_000);
  });

  test("a mounted sub-application logs the whole path", async () => {
    const { line } = await logOf(
      {},
      (req, res) => {
        Object.assign(req, { originalUrl: req.url, url: "/cut" });
        res.end();
      },
      "/mount/cut?q=1",
    );
    assert.equal(line.path, "/mount/cut");
  });
});
