/** What an `HttpProblem` is made of. Only `status` is required. */
export interface HttpProblemInit {
  /** HTTP status code, 400 to 599. */
  status: number;
  /** Slug such as `payload-too-large`, or an absolute URI (RFC 9457, 3.1.1). Default `about:blank`. */
  type?: string;
  /** Short summary of the type, the same for every occurrence. Default: the reason phrase of the status. */
  title?: string;
  /** What went wrong here and what the client can do. Sent to the client when `expose` is true. */
  detail?: string;
  /** Response headers that belong to the error, such as `Retry-After` or `Allow`. One that Node refuses to write is left out. */
  headers?: Readonly<Record<string, string>>;
  /**
   * Further members of the problem document (RFC 9457, 3.2), such as `errors`. Sent only when `expose` is true; they cannot
   * replace `type`, `title`, `status` or `detail`.
   */
  extensions?: Readonly<Record<string, unknown>>;
  /** Whether the client may read `detail` and `extensions`. Default true: a problem is written for the client. */
  expose?: boolean;
  /** The underlying error. It goes to logs, never to the client. */
  cause?: unknown;
}
