import type { ServerResponse } from "node:http";

import type { ErrorForm } from "./error-form.ts";

/** SDKs sleep through longer waits, or ignore them and ask again at once, each by its version. */
const longestWaitSeconds = 60;

/** The header from which the SDKs of an API read the id of a request. */
const idHeaders: Readonly<Record<ErrorForm, string>> = { openai: "X-Request-Id", anthropic: "Request-Id" };

/**
 * Sets the headers that SDKs obey when a request has failed.
 *
 * `X-Should-Retry: false` makes them report a wait of more than a minute instead of sleeping through it.
 *
 * @param form `true` for clients of any kind: they get `Retry-After` as it is
 */
export function setSdkHeaders(res: ServerResponse, form: true | ErrorForm, requestId: string | undefined): void {
  const seconds = secondsOf(res.getHeader("retry-after"));
  const isLong = seconds !== undefined && seconds > longestWaitSeconds;
  if (isLong) res.setHeader("X-Should-Retry", "false");
  if (form === true) return;
  if (isLong) res.removeHeader("Retry-After");
  else if (seconds !== undefined) res.setHeader("Retry-After-Ms", String(Math.ceil(seconds * 1_000)));
  if (requestId !== undefined) res.setHeader(idHeaders[form], requestId);
}

/** `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3). */
function secondsOf(field: number | string | string[] | undefined): number | undefined {
  if (field === undefined) return undefined;
  const text = [field].flat().join();
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1_000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
