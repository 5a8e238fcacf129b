export { aiCall, getAiCall, getAiProgress, getAiUsage } from "./ai-call.ts";
export { type AiCallEnded, aiCallEnded, type AiCallOutcome, type AiCallStarted, aiCallStarted } from "./events.ts";
export type { AiCallOptions, AiDialectName } from "./options.ts";
export type { AiCall } from "./request/call.ts";
export type { AiUsage } from "./response/usage.ts";
export type { AiDialect, MemberPath, UsageMembers } from "./dialects/dialect.ts";
export { dialects } from "./dialects/dialects.ts";
export { TokenEstimate } from "./tokens/token-estimate.ts";
