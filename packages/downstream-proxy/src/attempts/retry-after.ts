/** An HTTP-date of any of the three forms begins with the name of a day (RFC 9110, 5.6.7). */
const date = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? .{8,40}$/i;

/** How long `Retry-After` asks to wait, in milliseconds (RFC 9110, 10.2.3); `undefined` when it is absent or makes no sense. */
export function retryAfterMs(field: string | string[] | undefined, now: number): number | undefined {
  if (typeof field !== "string") return undefined;
  const text = field.trim();
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1_000;
  // The oldest form does not name its time zone, which is GMT.
  const time = date.test(text) ? Date.parse(text.endsWith("GMT") ? text : `${text} GMT`) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}
