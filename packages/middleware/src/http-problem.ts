import { STATUS_CODES } from "node:http";
import { inspect } from "node:util";

import { recogniseAcrossCopies } from "./across-copies.ts";
import { readForeignError } from "./foreign-error.ts";
import type { HttpProblemInit } from "./http-problem-init.ts";

/**
 * An error that knows its HTTP response.
 *
 * Middleware passes it to `next()` instead of writing a body. Its members have the names that the stock error handlers of hosts read:
 * `status`, `statusCode`, `headers`, `expose` and `message`. `@aivillage/problem-details` writes it as `application/problem+json` (RFC 9457).
 * A problem below 500 is an expected response and is built without a stack trace, which makes it cheap.
 *
 * @throws RangeError when `status` is not an integer from 400 to 599
 */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly status: number;
  /** The same as `status`; NestJS and restify read only this one. */
  readonly statusCode: number;
  readonly type: string;
  readonly title: string;
  readonly detail: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly expose: boolean;

  static {
    recogniseAcrossCopies(this, "@aivillage/middleware.HttpProblem");
  }

  constructor(init: HttpProblemInit) {
    if (!Number.isInteger(init.status) || init.status < 400 || init.status > 599) {
      throw new RangeError(`HttpProblem: status must be an integer from 400 to 599, got ${inspect(init.status)}`);
    }
    const title = init.title ?? STATUS_CODES[init.status] ?? "Error";
    const expose = init.expose ?? true;
    const frameLimit = Error.stackTraceLimit;
    if (init.status < 500) limitStack(0);
    // Most hosts send the message, whatever `expose` says.
    super((expose ? init.detail : undefined) ?? title, init.cause === undefined ? undefined : { cause: init.cause });
    if (init.status < 500) limitStack(frameLimit);
    this.status = init.status;
    this.statusCode = init.status;
    this.type = init.type ?? "about:blank";
    this.title = title;
    this.detail = init.detail;
    this.headers = init.headers ?? {};
    this.extensions = init.extensions ?? {};
    this.expose = expose;
  }

  /**
   * The problem for any thrown value.
   *
   * Errors with a 4xx or 5xx `status` or `statusCode`, such as those of body-parser and http-errors, keep status and headers,
   * and their message where they say `expose: true`. Everything else is a 500 that reveals nothing to the client. Headers that
   * describe another message, such as the `Transfer-Encoding` of an upstream's response, are left out.
   * The original is the `cause`.
   */
  static from(error: unknown): HttpProblem {
    try {
      return error instanceof HttpProblem ? error : new HttpProblem({ ...readForeignError(error), cause: error });
    } catch {
      // A getter of the error has thrown.
      return new HttpProblem({ status: 500, expose: false, cause: error });
    }
  }

  /** One line for an expected response: hosts print every error that reaches them, and refusals come by the thousand. */
  [inspect.custom](): unknown {
    if (this.status >= 500) return this;
    return `${this.name}: ${this.status} ${this.title}${this.detail === undefined ? "" : `: ${this.detail}`}`;
  }
}

/** Where `node --frozen-intrinsics` keeps the limit, problems have a stack and cost more. */
function limitStack(frames: number): void {
  try {
    Error.stackTraceLimit = frames;
  } catch {
    // It is read-only.
  }
}
