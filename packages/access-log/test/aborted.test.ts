import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { test } from "node:test";

import { type Handler, markResponseBroken, markResponseDelivered } from "@aivillage/middleware";
import { eventually, forEachHost } from "@aivillage/testing";

import { accessLog } from "../src/index.ts";
import { recorder } from "./recorder.ts";

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const upload = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc";

const dial = (port: number, bytes: string): Socket =>
  connect(port, "127.0.0.1", function onConnect(this: Socket) {
    this.write(bytes);
  }).on("error", () => undefined);

const leavings: Readonly<Record<string, (socket: Socket) => unknown>> = {
  "closes its half": (socket) => socket.end(),
  "closes the connection": (socket) => socket.destroy(),
  "resets the connection": (socket) => socket.resetAndDestroy(),
};

forEachHost((host) => {
  /** Serves one request with the handler, does something to the connection once it has come, and gives what was logged. */
  const logOf = async (handler: Handler, request: string, act?: (socket: Socket, received: () => string) => unknown) => {
    const logger = recorder();
    let begun = false;
    const note: Handler = (_req, _res, next) => next(void (begun = true));
    await using app = await host.serve([accessLog({ logger }), note, handler]);
    const socket = dial(app.port, request);
    let received = "";
    socket.on("data", (chunk) => (received += chunk.toString("latin1")));
    await eventually(() => begun, "the request");
    await act?.(socket, () => received);
    const [line] = await logger.lines(1);
    socket.destroy();
    assert.ok(line !== undefined);
    return { status: line.status, outcome: line.outcome, level: logger.entries[0]?.level, message: logger.entries[0]?.message, line };
  };
  const left = { status: 499, outcome: "aborted", level: "info", message: "request aborted" };
  const silent: Handler = () => undefined;

  for (const [how, leave] of Object.entries(leavings)) {
    test(`a client that ${how} before the response is one line with 499`, async () => {
      const { line, ...rest } = await logOf(silent, get, leave);
      assert.deepEqual(rest, left);
      assert.equal(line.response_bytes, 0);
    });

    test(`a client that ${how} while it uploads is one line with 499`, async () => {
      const { line: _line, ...rest } = await logOf((req) => void req.resume(), upload, leave);
      assert.deepEqual(rest, left);
    });

    test(`a client that ${how} in the middle of a stream is one line with 499 and what was sent`, async () => {
      const stream: Handler = (_req, res) => {
        const timer = setInterval(() => res.write("x".repeat(100)), 2);
        res.once("close", () => clearInterval(timer));
      };
      const { line, ...rest } = await logOf(stream, get, (socket) => void socket.once("data", () => leave(socket)));
      assert.deepEqual(rest, left);
      assert.ok(Number(line.response_bytes) >= 100);
    });
  }

  for (const [status, level] of [
    [401, "warn"],
    [413, "info"],
  ] as const) {
    let noted = 0;
    /** Has answered the whole, and ends the response only when the rest of the request has come. */
    const refuse: Handler = (req, res) => {
      noted = 0;
      res.writeHead(status, { "Content-Length": 7, Connection: "close" });
      res.write("refused", (error) => {
        if (error) return;
        markResponseDelivered(req);
        noted += 1;
      });
      req.resume().once("end", () => res.end());
    };
    for (const [how, leave] of Object.entries(leavings)) {
      test(`a client that ${how} with its ${status} instead of sending the rest is one line with ${status}`, async () => {
        const { line, ...rest } = await logOf(refuse, upload, async (socket, received) => {
          await eventually(() => noted === 1 && received().endsWith("\r\n\r\nrefused"), "the whole answer");
          leave(socket);
        });
        assert.deepEqual(rest, { status, outcome: "completed", level, message: "request completed" });
        assert.ok(Number(line.response_bytes) > 7);
      });
    }
  }

  test("a client that leaves while the response waits for it to read is one line with 499", async () => {
    let waits = 0;
    const flood: Handler = (_req, res) => {
      const more = (): void => {
        while (!res.destroyed && res.write(Buffer.alloc(65_536)));
        waits += 1;
        if (!res.destroyed) res.once("drain", more);
      };
      more();
    };
    const { line: _line, ...rest } = await logOf(flood, get, async (socket) => {
      socket.pause();
      await eventually(() => waits > 0, "the answer waits");
      socket.destroy();
    });
    assert.deepEqual(rest, left);
  });

  test("a response that this side breaks off keeps the status sent and is a warning", async () => {
    const { line: _line, ...rest } = await logOf((_req, res) => {
      res.writeHead(200);
      res.write("half", () => res.destroy());
    }, get);
    assert.deepEqual(rest, { status: 200, outcome: "aborted", level: "warn", message: "request aborted" });
  });

  test("a response that a failed service has broken has the status of the failure, cut off or ended with an error", async () => {
    const failed = { status: 502, outcome: "incomplete", level: "error", message: "response incomplete" };
    const breakOff =
      (end: (res: ServerResponse) => unknown): Handler =>
      (req, res) => {
        res.writeHead(200);
        res.write("half", () => {
          markResponseBroken(req, 502);
          end(res);
        });
      };
    for (const end of [(res: ServerResponse) => res.destroy(), (res: ServerResponse) => res.end("error")]) {
      const { line: _line, ...rest } = await logOf(breakOff(end), get);
      assert.deepEqual(rest, failed);
    }
  });

  test("a connection that this side closes before a status was sent is a 500", async () => {
    const { line: _line, ...rest } = await logOf((_req, res) => void res.destroy(), get);
    assert.deepEqual(rest, { status: 500, outcome: "aborted", level: "error", message: "request aborted" });
  });

  test("every pipelined request is a line when the client leaves before the first response", async (t) => {
    const logger = recorder();
    let begun = 0;
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    t.after(() => process.off("warning", onWarning));
    await using app = await host.serve([accessLog({ logger }), () => void (begun += 1)]);
    const socket = dial(app.port, get.repeat(15));
    await eventually(() => begun === 15, "fifteen requests");
    socket.destroy();
    const lines = await logger.lines(15);
    for (const { status, outcome, response_bytes: bytes } of lines) assert.deepEqual([status, outcome, bytes], [499, "aborted", 0]);
    assert.deepEqual(warnings, []);
  });

  test("mounted behind a slow handler, a client that has left meanwhile is still one line", async () => {
    const logger = recorder();
    let arrived = false;
    const slow: Handler = (_req, res, next) => {
      arrived = true;
      res.once("close", () => setTimeout(next, 10));
    };
    await using app = await host.serve([slow, accessLog({ logger }), silent]);
    const socket = dial(app.port, get);
    await eventually(() => arrived, "the request");
    socket.destroy();
    const [line] = await logger.lines(1);
    assert.deepEqual([line?.status, line?.outcome], [499, "aborted"]);
  });

  test("mounted after the handler that responds, the request is still one line", async () => {
    const logger = recorder();
    const early: Handler = (_req, res, next) => {
      res.end("ok");
      res.once("close", () => next());
    };
    await using app = await host.serve([early, accessLog({ logger }), silent]);
    await (await fetch(app.url)).text();
    const [line] = await logger.lines(1);
    assert.deepEqual([line?.status, line?.outcome], [200, "completed"]);
  });
});
