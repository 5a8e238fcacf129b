export { compose } from "./compose.ts";
export { event, type Event } from "./event.ts";
export type { ErrorHandler, Handler, Next } from "./handler.ts";
export { HttpProblem, type HttpProblemInit } from "./http-problem.ts";
export { optionError } from "./option-error.ts";
export { option, type OptionRule, type OptionRules, readOptions } from "./options.ts";
export { requestPath } from "./request-path.ts";
export { requestValue, type RequestValue } from "./request-value.ts";
export { toListener } from "./to-listener.ts";
