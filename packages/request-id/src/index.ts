export type { RequestIdOptions } from "./options.ts";
export { getRequestId, requestId } from "./request-id.ts";
export type { RequestSpan } from "./request-span.ts";
export { getTraceContext, type TraceContext } from "./trace-context.ts";
