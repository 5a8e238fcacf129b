import type { IncomingMessage } from "node:http";

/** The API whose clients read an error: that of OpenAI and all that are compatible with it, or Anthropic's. */
export type ErrorForm = "openai" | "anthropic";

/** The member `error` beside those of the problem document, nothing, or all that the clients of an API read. */
type ErrorMember = boolean | ErrorForm;

/** One choice for all errors, or one for each request. */
export type ErrorMemberOption = ErrorMember | ((req: IncomingMessage) => ErrorMember | undefined);

export function isErrorMember(value: unknown): boolean {
  return typeof value === "function" || typeof value === "boolean" || isForm(value);
}

function isForm(value: unknown): value is ErrorForm {
  return value === "openai" || value === "anthropic";
}

/** What a request gets. The error handler is the last resort: a choice that fails must not cost the client its response. */
export function errorMemberOf(option: ErrorMemberOption, req: IncomingMessage): ErrorMember {
  if (typeof option !== "function") return option;
  try {
    const chosen: unknown = option(req);
    return chosen === true || isForm(chosen) ? chosen : false;
  } catch {
    return false;
  }
}
