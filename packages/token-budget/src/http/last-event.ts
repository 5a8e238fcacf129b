import type { BudgetedCall } from "../call.ts";
import type { StreamError } from "../options.ts";

/** The event with which a dialect reports an error within a stream. Never the event that ends a complete one. */
export function lastEvent({ dialect = "" }: BudgetedCall, { message, code }: StreamError): string {
  if (dialect.startsWith("anthropic")) {
    return `event: error\ndata: ${JSON.stringify({ type: "error", error: { type: "rate_limit_error", message } })}\n\n`;
  }
  if (dialect === "openai-responses") {
    return `event: error\ndata: ${JSON.stringify({ type: "error", code, message, param: null })}\n\n`;
  }
  return `data: ${JSON.stringify({ error: { message, type: code, code, param: null } })}\n\n`;
}
