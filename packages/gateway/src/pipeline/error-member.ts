import type { HttpProblem } from "@aivillage/middleware";

/** The kinds of errors that packages for AI services tell apart, by status. */
const kinds: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
  504: "timeout_error",
};

/**
 * The member `error` beside those of RFC 9457. The packages of OpenAI and others read `error.message` alone, and say "no body" without it.
 */
export function errorMember({ status, type, title, detail, expose }: HttpProblem): { readonly error: object } {
  const kind = kinds[status] ?? (status < 500 ? "invalid_request_error" : "api_error");
  const message = expose && detail !== undefined ? detail : title;
  return { error: { message, type: kind, param: null, code: type === "about:blank" ? null : type } };
}
