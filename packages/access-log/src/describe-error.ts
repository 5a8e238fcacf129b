import { defined } from "@aivillage/middleware";

/** What a log tells of an error. Its other members are left out: libraries put whole requests and their headers there. */
export function describeError(error: Error): Record<string, unknown> {
  const { code, status, errors } = error as Error & Record<"code" | "status" | "errors", unknown>;
  return {
    type: error.name === "Error" ? error.constructor.name : error.name,
    message: error.message,
    stack: error.stack,
    ...defined({ code, status, cause: error.cause }),
    ...(Array.isArray(errors) && { errors }),
  };
}
