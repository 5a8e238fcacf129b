/** Header names in lower case; an array if a header was repeated. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Status and headers of a target's response. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Added to `Server-Timing`. */
  readonly timing?: string | undefined;
}

/** Whether the target closes the connection after this response. */
export function closesConnection({ connection }: ResponseHeaders): boolean {
  return connection !== undefined && /(?:^|,)\s*close\s*(?:,|$)/i.test(joinValues(connection) ?? "");
}

/** Whether a length or chunks say where the content ends (RFC 9112, 6.3). */
export function isDelimited(headers: ResponseHeaders): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/** Repeated header lines as one value. */
export function joinValues(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : value;
}
