export { accessLog, type AccessLogHandler } from "./access-log.ts";
export { type AccessLogFailed, accessLogFailed, type LogLinesLost, logLinesLost } from "./events.ts";
export type { AccessLogLine } from "./line.ts";
export { createLogger } from "./create-logger.ts";
export type { CreateLoggerOptions } from "./logger-options.ts";
export type { SampleOptions } from "./sampler.ts";
export type { AccessLogger, AccessLogOptions } from "./options.ts";
