type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** SDKs sleep through longer waits, or ignore them and ask again at once, each by its version. */
const longestWaitMs = 60_000;

/** Statuses with which providers ask for a wait. */
const waits: ReadonlySet<number> = new Set([429, 503, 529]);

/** Whether a response asks its client to wait longer than its user would, in a header that the SDKs of providers obey. */
export function asksForLongWait(status: number, headers: Headers): boolean {
  if (!waits.has(status)) return false;
  return msOf(headers["retry-after-ms"]) > longestWaitMs || secondsOf(headers["retry-after"]) * 1_000 > longestWaitMs;
}

function msOf(field: Headers[string]): number {
  return Number.parseFloat(String(field));
}

/** A number or a date, as the SDKs read it, which is more than RFC 9110 (10.2.3) allows. */
function secondsOf(field: Headers[string]): number {
  const seconds = Number.parseFloat(String(field));
  return Number.isNaN(seconds) ? (Date.parse(String(field)) - Date.now()) / 1_000 : seconds;
}
