import { option, readOptions } from "@aivillage/middleware";

/** Options of `createLogger()`. */
export interface CreateLoggerOptions {
  /** The lowest level that is written; `silent` writes nothing. Default `info`. */
  level?: "debug" | "info" | "warn" | "error" | "silent";
  /** Lines for people instead of JSON, with colours where standard output is a terminal. Slower; for development. Default `false`. */
  pretty?: boolean;
  /** Gets every line with its line break. Default: standard output, written in the background. */
  destination?: { write(line: string): unknown };
  /** The field `name` of every line, such as that of the service. Default: none. */
  name?: string;
}

export function readCreateLoggerOptions(given: CreateLoggerOptions | undefined) {
  return readOptions("@aivillage/access-log", given, {
    level: option.oneOf(["debug", "info", "warn", "error", "silent"], "info"),
    pretty: option.boolean(false),
    destination: option.custom<CreateLoggerOptions["destination"]>("an object with a function write", undefined, isDestination),
    name: option.custom<string | undefined>("a non-empty string", undefined, (value) => typeof value === "string" && value !== ""),
  });
}

function isDestination(value: unknown): boolean {
  return typeof (Object(value) as Record<string, unknown>)["write"] === "function";
}
