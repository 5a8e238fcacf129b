import { STATUS_CODES } from "node:http";

/** What an {@link HttpProblem} is made of. Only `status` is required. */
export interface HttpProblemInit {
  /** HTTP status code, 400 to 599. */
  status: number;
  /** Slug such as `payload-too-large`, or an absolute URI (RFC 9457, 3.1.1). Default `about:blank`. */
  type?: string;
  /** Short summary of the type, the same for every occurrence. Default: the reason phrase of the status. */
  title?: string;
  /** What went wrong here and what the client can do. Sent to the client when `expose` is true. */
  detail?: string;
  /** Response headers that belong to the error, such as `Retry-After` or `Allow`. */
  headers?: Readonly<Record<string, string>>;
  /** Further members of the problem document (RFC 9457, 3.2), such as `errors`. Sent only when `expose` is true. */
  extensions?: Readonly<Record<string, unknown>>;
  /** Whether the client may read `detail` and `extensions`. Default true: whoever builds a problem writes it for the client. */
  expose?: boolean;
  /** The underlying error. It goes to logs, never to the client. */
  cause?: unknown;
}

/**
 * An error that knows its HTTP answer.
 *
 * Middleware hands it to `next()` instead of writing a body. The stock error handlers of Express, Connect and `toListener()`
 * take status and headers from it; `@aivillage/problem-details` writes it as `application/problem+json` (RFC 9457).
 * A problem below 500 is an expected answer and is built without a stack trace, which makes it cheap.
 *
 * @throws RangeError when `status` is not an integer from 400 to 599
 */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly detail: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly expose: boolean;

  constructor(init: HttpProblemInit) {
    if (!Number.isInteger(init.status) || init.status < 400 || init.status > 599) {
      throw new RangeError(`HttpProblem: status must be an integer from 400 to 599, got ${init.status}`);
    }
    const title = init.title ?? STATUS_CODES[init.status] ?? "Error";
    const framesWanted = Error.stackTraceLimit;
    if (init.status < 500) Error.stackTraceLimit = 0;
    super(init.detail ?? title, init.cause === undefined ? undefined : { cause: init.cause });
    Error.stackTraceLimit = framesWanted;
    this.status = init.status;
    this.type = init.type ?? "about:blank";
    this.title = title;
    this.detail = init.detail;
    this.headers = init.headers ?? {};
    this.extensions = init.extensions ?? {};
    this.expose = init.expose ?? true;
  }

  /**
   * The problem that answers any thrown value.
   *
   * Errors with a 4xx or 5xx `status` or `statusCode`, such as those of body-parser and http-errors, keep status and headers,
   * and their message where they say `expose` or are below 500. Everything else is a 500 that tells the client nothing.
   * The original is the `cause`.
   */
  static from(error: unknown): HttpProblem {
    if (error instanceof HttpProblem) return error;
    const { status, statusCode, headers, expose, message, name, type, title, extensions } = Object(error) as Record<string, unknown>;
    const answer = [status, statusCode].find((code) => typeof code === "number" && Number.isInteger(code) && code >= 400 && code <= 599);
    if (typeof answer !== "number") return new HttpProblem({ status: 500, expose: false, cause: error });
    const shown = typeof expose === "boolean" ? expose : answer < 500;
    const foreignProblem = name === "HttpProblem";
    return new HttpProblem({
      status: answer,
      expose: shown,
      cause: error,
      ...(shown && typeof message === "string" && { detail: message }),
      ...(isRecord(headers) && { headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, String(value)])) }),
      // Another copy of this package in the same process: its members mean the same.
      ...(foreignProblem && typeof type === "string" && { type }),
      ...(foreignProblem && typeof title === "string" && { title }),
      ...(foreignProblem && isRecord(extensions) && { extensions }),
    });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
