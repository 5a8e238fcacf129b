import assert from "node:assert/strict";
import { test } from "node:test";

import { createLogger } from "../src/index.ts";
import { formatPretty } from "../src/pretty.ts";

function prettyOf(act: (logger: ReturnType<typeof createLogger>) => void): string {
  const written: string[] = [];
  act(createLogger({ pretty: true, destination: { write: (line) => written.push(line) } }));
  return written.join("");
}

test("a line is time, level, message and fields", () => {
  const text = prettyOf((logger) => logger.warn({ method: "GET", path: "/a b", status: 429, ok: true }, "request completed"));
  assert.match(text, /^\d\d:\d\d:\d\d\.\d{3} WARN {2}request completed method=GET path="\/a b" status=429 ok=true\n$/);
});

test("an error is shown with its stack and causes below", () => {
  const error = new TypeError("fetch failed", { cause: new AggregateError([new Error("refused")], "no address") });
  const text = prettyOf((logger) => logger.error({ err: error }, "upstream"));
  assert.match(text, /ERROR upstream\n {4}TypeError: fetch failed\n {4}at /);
  assert.match(text, /\n {4}caused by\n {6}AggregateError: no address\n/);
  assert.match(text, /\n {6}caused by\n {8}Error: refused\n/);
});

test("secrets are redacted and nothing can steer the terminal or fake a line", () => {
  const hostile = "x\r\n12:00:00.000 INFO  fake\u001b[2J\u009b2J";
  const text = prettyOf((logger) => logger.info({ [hostile]: hostile, token: "s3cr3t", err: new Error(hostile) }, hostile));
  for (const unwanted of ["s3cr3t", "\r", "\u001b", "\u009b"]) assert.ok(!text.includes(unwanted), JSON.stringify(unwanted));
  assert.match(text, / token=\[redacted\]/);
  const [, ...below] = text.trimEnd().split("\n");
  assert.ok(below.length > 0);
  for (const line of below) assert.match(line, /^ {4}/);
});

test("colours are for terminals only", () => {
  const line = '{"level":"ERROR","time":"2026-01-02T03:04:05.678Z","msg":"m"}\n';
  assert.equal(formatPretty(line, false), "03:04:05.678 ERROR m\n");
  assert.equal(formatPretty(line, true), "03:04:05.678 \u001b[31mERROR\u001b[39m m\n");
});
