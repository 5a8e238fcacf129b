import assert from "node:assert/strict";
import { test } from "node:test";

import { HttpProblem } from "@aivillage/middleware";
import type { Logger } from "pino";

import { createLogger, type CreateLoggerOptions } from "../src/index.ts";

function linesOf(act: (logger: Logger) => void, options?: CreateLoggerOptions): string[] {
  const written: string[] = [];
  act(createLogger({ ...options, destination: { write: (line) => written.push(line) } }));
  return written;
}

const parsed = (act: (logger: Logger) => void, options?: CreateLoggerOptions): Record<string, unknown>[] =>
  linesOf(act, options).map((line) => JSON.parse(line) as Record<string, unknown>);

/** The first line without level, time and message. */
const fieldsOf = (fields: object): Record<string, unknown> => {
  const [{ level: _level, time: _time, msg: _msg, ...rest } = {}] = parsed((logger) => logger.info(fields, "m"));
  return rest;
};

test("a line is JSON with an upper-case level, ISO time and the message", () => {
  const [line] = linesOf((logger) => logger.info({ a: 1 }, "hello"));
  assert.match(String(line), /^\{"level":"INFO","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","a":1,"msg":"hello"\}\n$/);
});

test("no character of a value is left that a terminal obeys or that ends a line for some readers", () => {
  const value = "\u0000\u001b\u007f\u0080\u0085\u009b31m\u009f\u2028\u2029";
  const act = (logger: Logger): void => logger.info({ user_agent: value, [value]: { deep: value } }, value);
  const [line = ""] = linesOf(act);
  assert.match(line, /^[ -~]+\n$/);
  const [{ user_agent: agent, msg, [value]: member } = {}] = parsed(act);
  assert.deepEqual([agent, msg, member], [value, value, { deep: value }]);
  assert.match(linesOf((logger) => logger.info({ text: "äöü \u{1f600}" }, "m"))[0] ?? "", /"text":"äöü \u{1f600}"/u);
});

test("lines below the level are not written", () => {
  const all = (logger: Logger): void => {
    for (const level of ["debug", "info", "warn", "error"] as const) logger[level](level);
  };
  const levels = (level?: CreateLoggerOptions["level"]) => parsed(all, level && { level }).map((line) => line["level"]);
  assert.deepEqual(levels(), ["INFO", "WARN", "ERROR"]);
  assert.deepEqual(levels("debug"), ["DEBUG", "INFO", "WARN", "ERROR"]);
  assert.deepEqual(levels("error"), ["ERROR"]);
  assert.deepEqual(levels("silent"), []);
});

test("a name is in every line, that of child loggers too", () => {
  const lines = parsed(
    (logger) => {
      logger.info("one");
      logger.child({ part: "x" }).info("two");
    },
    { name: "gateway" },
  );
  assert.deepEqual(
    lines.map(({ name, part }) => [name, part]),
    [
      ["gateway", undefined],
      ["gateway", "x"],
    ],
  );
});

test("secrets by name are redacted at any depth, in any case and any spelling", () => {
  const secrets = {
    authorization: "s3cr3t",
    Authorization: "s3cr3t",
    "proxy-authorization": "s3cr3t",
    cookie: "s3cr3t",
    "Set-Cookie": ["s3cr3t"],
    "x-api-key": "s3cr3t",
    apiKey: "s3cr3t",
    API_KEY: "s3cr3t",
    SECRET_KEY: "s3cr3t",
    clientSecret: { value: "s3cr3t" },
    password: "s3cr3t",
    access_token: "s3cr3t",
    token: "s3cr3t",
    credentials: "s3cr3t",
    privateKey: "s3cr3t",
  };
  const [line = ""] = linesOf((logger) => logger.info({ ...secrets, req: { headers: secrets, list: [{ deep: secrets }] } }, "m"));
  assert.doesNotMatch(line, /s3cr3t/);
  assert.equal(line.split('"[redacted]"').length - 1, 3 * Object.keys(secrets).length);
});

test("names that only resemble a secret are kept", () => {
  const fields = { max_tokens: 100, tokens: 5, key_id: "k1", api_key_id: "k1", author: "a", authorized: true, monkey: "m", path: "/token" };
  assert.deepEqual(fieldsOf(fields), fields);
});

test("secrets are redacted in child loggers and in interpolated objects too", () => {
  const lines = linesOf((logger) => {
    logger.child({ authorization: "s3cr3t", nested: { cookie: "s3cr3t" } }).info("child");
    const grandchild = logger.child({ a: 1 }).child({ token: "s3cr3t" }, { level: "warn" });
    grandchild.setBindings({ cookie: "s3cr3t" });
    grandchild.info("not written");
    grandchild.warn({ secret: "s3cr3t" }, "grandchild");
    logger.info("sent %o and %j", { token: "s3cr3t" }, { a: { password: "s3cr3t" } });
    logger.info({ a: 1 }, "sent %o", { token: "s3cr3t" });
  });
  assert.equal(lines.length, 4);
  for (const line of lines) {
    assert.doesNotMatch(line, /s3cr3t/);
    assert.match(line, /\[redacted\]/);
  }
});

test("what was logged is not changed", () => {
  const fields = { headers: { cookie: "a=1" }, list: [{ token: "t" }] };
  fieldsOf(fields);
  assert.deepEqual(fields, { headers: { cookie: "a=1" }, list: [{ token: "t" }] });
});

test("an error is its type, message, stack, code and chain of causes, and nothing else", () => {
  const root = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", config: { headers: "s3cr3t" } });
  const error = new TypeError("fetch failed", { cause: new Error("socket", { cause: root }) });
  const { err } = fieldsOf({ err: error }) as { err: Record<string, unknown> };
  const middle = err["cause"] as Record<string, unknown>;
  const last = middle["cause"] as Record<string, unknown>;
  assert.deepEqual([err["type"], err["message"]], ["TypeError", "fetch failed"]);
  assert.match(String(err["stack"]), /^TypeError: fetch failed\n +at /);
  assert.equal(middle["message"], "socket");
  assert.deepEqual(Object.keys(last), ["type", "message", "stack", "code"]);
  assert.equal(last["code"], "ECONNREFUSED");
});

test("an error alone is logged under err with its message", () => {
  const [line] = parsed((logger) => logger.error(new RangeError("too far")));
  assert.equal(line?.["msg"], "too far");
  assert.match(JSON.stringify(line?.["err"]), /"type":"RangeError"/);
});

test("errors are described under any name, subclasses and aggregates too", () => {
  class UpstreamError extends Error {}
  const fields = fieldsOf({
    failure: new UpstreamError("away"),
    problem: new HttpProblem({ status: 503, detail: "later", extensions: { inner: "s3cr3t" } }),
    several: new AggregateError([new Error("one"), new Error("two")], "both"),
  }) as Record<string, Record<string, unknown>>;
  assert.deepEqual([fields["failure"]?.["type"], fields["failure"]?.["message"]], ["UpstreamError", "away"]);
  assert.deepEqual([fields["problem"]?.["type"], fields["problem"]?.["status"]], ["HttpProblem", 503]);
  assert.deepEqual(
    Object.values(fields["several"]?.["errors"] ?? {}).map((inner: Error) => inner.message),
    ["one", "two"],
  );
  assert.doesNotMatch(JSON.stringify(fields), /s3cr3t/);
});

test("cycles and causes that cause themselves are cut", () => {
  const error: Error & { cause?: unknown } = new Error("loop");
  error.cause = error;
  const cyclic: Record<string, unknown> = { name: "a" };
  cyclic["self"] = cyclic;
  const { err, cyclic: shown } = fieldsOf({ err: error, cyclic }) as Record<string, Record<string, unknown>>;
  assert.equal(err?.["cause"], "[circular]");
  assert.deepEqual(shown, { name: "a", self: "[circular]" });
});

test("a value of any size or depth makes a bounded line", () => {
  let deep: object = {};
  for (let level = 0; level < 1_000; level += 1) deep = { deep };
  const wide = Array.from({ length: 100_000 }, (_, index) => ({ index }));
  const shared = Array.from({ length: 30 }).reduce<object>((inner) => ({ a: inner, b: inner }), {});
  for (const value of [deep, wide, shared, Buffer.alloc(1_000_000)]) {
    const [line = ""] = linesOf((logger) => logger.info({ value }, "m"));
    assert.ok(line.length < 40_000, `${line.length} characters`);
    assert.match(line, /\[cut\]|\[1000000 bytes\]/);
  }
});

test("a value that cannot be read does not throw", () => {
  const hostile = {
    get a(): never {
      throw new Error("getter");
    },
  };
  const json = {
    toJSON: () => {
      throw new Error("toJSON");
    },
  };
  for (const fields of [hostile, { hostile }, { json }]) assert.match(JSON.stringify(fieldsOf(fields)), /has thrown/);
});

test("values with a JSON form of their own keep it", () => {
  const fields = { at: new Date(0), url: new URL("http://a.example/x"), big: { n: 10n }, none: null };
  assert.deepEqual(fieldsOf(fields), { at: "1970-01-01T00:00:00.000Z", url: "http://a.example/x", big: { n: "10" }, none: null });
});

test("line breaks and control characters in any string stay inside the JSON string", () => {
  const [line = ""] = linesOf((logger) => logger.info({ path: "/a\r\nINFO fake\u001b[2J" }, "m\nfake"));
  assert.equal(line.indexOf("\n"), line.length - 1);
  assert.ok(!line.includes("\r") && !line.includes("\u001b"));
  assert.equal((JSON.parse(line) as { path: string }).path, "/a\r\nINFO fake\u001b[2J");
});
