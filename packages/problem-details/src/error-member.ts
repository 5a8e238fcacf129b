import type { HttpProblem } from "@aivillage/middleware";

import type { ErrorForm } from "./error-form.ts";

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

/** Those that the SDK of Anthropic declares. */
const anthropicTypes: ReadonlySet<unknown> = new Set([
  ...Object.values(typesByStatus),
  "invalid_request_error",
  "api_error",
  "billing_error",
  "conflict_error",
]);

/**
 * What the SDKs of OpenAI and Anthropic read of a failed response: `error.message` is the reason that they show. A problem that was made for
 * such clients brings its own, in words of OpenAI: for Anthropic a type that its clients do not know becomes that of the status.
 */
export function errorMember(problem: HttpProblem, form: ErrorForm | true): object {
  const { extensions, expose } = problem;
  const own = expose ? (extensions["error"] as object | undefined) : undefined;
  if (own === undefined) return errorOf(problem);
  if (form !== "anthropic" || typeof own !== "object" || anthropicTypes.has(Object(own)["type"])) return own;
  return { ...own, type: typeOf(problem.status) };
}

function errorOf({ status, type, title, detail, expose, extensions }: HttpProblem) {
  const reason = (expose ? detail : undefined) ?? title;
  return {
    message: expose ? withFirst(reason, extensions["errors"]) : reason,
    type: typeOf(status),
    param: null,
    code: type === "about:blank" ? null : lastPart(type),
  };
}

function typeOf(status: number): string {
  return typesByStatus[status] ?? (status < 500 ? "invalid_request_error" : "api_error");
}

/** SDKs show nothing of the member `errors` (RFC 9457, 3), so the first of them is part of the message. */
function withFirst(reason: string, errors: unknown): string {
  if (!Array.isArray(errors)) return reason;
  const [first] = errors as readonly unknown[];
  if (typeof first !== "object" || first === null) return reason;
  const { pointer, detail } = first as { readonly pointer?: unknown; readonly detail?: unknown };
  const parts = [pointer, detail].filter((part) => typeof part === "string");
  return parts.length === 0 ? reason : `${reason} ${parts.join(": ")}`;
}

/** The slug of a type, which may be the end of a URI. */
function lastPart(type: string): string {
  return /[^/#:]+$/.exec(type)?.[0] ?? type;
}
