import type { HttpProblem } from "@aivillage/middleware";

/** The types of errors that OpenAI and Anthropic document. */
const typesByStatus: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
  504: "timeout_error",
};

/** What the SDKs of OpenAI and Anthropic read of a failed response: `error.message` is the reason that they show. */
export function errorMember({ status, type, title, detail, expose }: HttpProblem) {
  return {
    message: (expose ? detail : undefined) ?? title,
    type: typesByStatus[status] ?? (status < 500 ? "invalid_request_error" : "api_error"),
    param: null,
    code: type === "about:blank" ? null : lastPart(type),
  };
}

/** The slug of a type, which may be the end of a URI. */
function lastPart(type: string): string {
  return /[^/#:]+$/.exec(type)?.[0] ?? type;
}
