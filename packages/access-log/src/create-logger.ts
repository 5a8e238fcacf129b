import { type Logger as PinoLogger, pino } from "pino";

import { escapeLine } from "./controls.ts";
import { type CreateLoggerOptions, readCreateLoggerOptions } from "./logger-options.ts";
import { formatPretty } from "./pretty.ts";
import { clean, cleanFields } from "./redact.ts";
import { standardOutput } from "./standard-output.ts";

/** A logger of pino. With a name of this package, programs that emit declarations need no `pino` among their own dependencies. */
export interface Logger extends PinoLogger {}

/**
 * Makes a pino logger: a JSON object per line with ISO `time`, upper-case `level`, and `msg`.
 *
 * Values under names such as `authorization`, `cookie`, `api_key`, `password`, `secret` and `token` are written as
 * `[redacted]`, at any depth and in any case; an error as type, message, stack, code and chain of causes. Control characters are escaped, also
 * those of C1 and the separators of lines that JSON would leave as they are.
 *
 * @throws OptionError for an unknown or bad option
 */
export function createLogger(options?: CreateLoggerOptions): Logger {
  const { level, pretty, destination, name } = readCreateLoggerOptions(options);
  const target = destination ?? standardOutput();
  const coloured = destination === undefined && process.stdout.isTTY;
  const format = pretty ? (line: string) => formatPretty(line, coloured) : escapeLine;
  const stream = { write: (line: string) => void target.write(format(line)) };
  const logger = pino(
    {
      level,
      base: name === undefined ? null : { name },
      timestamp: timeField,
      formatters: { level: (label) => ({ level: label.toUpperCase() }), log: cleanFields },
      serializers: { err: asIs },
      hooks: { logMethod: cleanInterpolated },
    },
    stream,
  );
  return cleanBindings(logger);
}

/** The bindings of child loggers pass none of pino's formatters. Children inherit these two methods. */
function cleanBindings(logger: PinoLogger): PinoLogger {
  const plain = Object.getPrototypeOf(logger) as PinoLogger;
  return Object.assign(logger, {
    child(this: PinoLogger, bindings: object, options?: object) {
      return plain.child.call(this, cleanFields(bindings), options) as unknown;
    },
    setBindings(this: PinoLogger, bindings: object) {
      plain.setBindings.call(this, cleanFields(bindings));
    },
  });
}

/** Errors are described by `clean()` wherever they stand; pino's own serializer would copy every member they have. */
const asIs = (value: unknown): unknown => value;

function cleanInterpolated(this: Logger, args: Parameters<pino.LogFn>, method: pino.LogFn): void {
  // One text after the fields is the usual case, and has nothing to clean.
  if (args.length < 2 || (args.length === 2 && typeof args[1] === "string")) return method.apply(this, args);
  const cleaned = args.map((value: unknown, position) => (position > 0 && typeof value === "object" ? clean(value) : value));
  method.apply(this, cleaned as Parameters<pino.LogFn>);
}

let second = -1;
let upToSecond = "";

/** The ISO time of now as the start of a line's JSON. Most lines share their second, whose text is kept. */
function timeField(): string {
  const now = Date.now();
  const milliseconds = now % 1_000;
  if (now - milliseconds !== second) {
    second = now - milliseconds;
    upToSecond = new Date(second).toISOString().slice(0, -4);
  }
  return `,"time":"${upToSecond}${String(milliseconds).padStart(3, "0")}Z"`;
}
