import assert from "node:assert/strict";
import { test } from "node:test";

import { accessLog, type AccessLogOptions, createLogger, type CreateLoggerOptions } from "../src/index.ts";

const refused = (options: unknown, message: RegExp): void => {
  assert.throws(() => accessLog(options as AccessLogOptions), { name: "TypeError", message });
};

const refusedLogger = (options: unknown, message: RegExp): void => {
  assert.throws(() => createLogger(options as CreateLoggerOptions), { name: "TypeError", message });
};

test("an unknown option is named together with the known ones", () => {
  refused(
    { format: "combined" },
    /^@aivillage\/access-log: unknown option `format`; known options: logger, requestId, traceId, clientIp, route, fields, level, skip, sample$/,
  );
  refusedLogger({ colour: true }, /unknown option `colour`; known options: level, pretty, destination, name$/);
});

test("a bad value is named with what was expected and what came", () => {
  refused({ logger: { info: () => undefined } }, /option `logger` must be an object with the functions info, warn and error, got /);
  refused({ logger: null }, /option `logger` must be an object with the functions info, warn and error, got null/);
  for (const name of ["requestId", "traceId", "clientIp", "route", "fields", "skip", "level"]) {
    refused({ [name]: "x" }, new RegExp(`option \`${name}\` must be a function, got 'x'`));
  }
  refused({ sample: true }, /option `sample` must be an object, got true/);
  refused({ sample: { perSecond: 0 } }, /option `sample.perSecond` must be an integer, at least 1, got 0/);
  refused({ sample: { every: 1 } }, /option `sample.every` must be an integer, at least 2, got 1/);
  refused({ sample: { burst: 5 } }, /unknown option `sample.burst`; known options: perSecond, every$/);
  refused("combined", /options must be an object, got string/);
});

test("a bad value of the logger is named with what was expected and what came", () => {
  refusedLogger({ level: "INFO" }, /option `level` must be one of "debug", "info", "warn", "error", "silent", got 'INFO'/);
  refusedLogger({ pretty: "yes" }, /option `pretty` must be true or false, got 'yes'/);
  refusedLogger({ destination: "log.txt" }, /option `destination` must be an object with a function write, got 'log.txt'/);
  refusedLogger({ name: "" }, /option `name` must be a non-empty string, got ''/);
});

test("the handler has a name that shows in stacks and profiles", () => {
  assert.equal(accessLog().name, "accessLogHandler");
});
