export const instantExpected = "a valid Date or an ISO 8601 instant with offset, such as 2026-01-31T00:00:00Z";

/** A time without an offset would mean another instant on every machine. */
const isoForm = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** Whether a value is a valid `Date`, or an ISO 8601 instant with offset, or a date, which begins at midnight UTC. */
export function isInstant(value: unknown): value is Date | string {
  if (value instanceof Date) return !Number.isNaN(value.getTime());
  return typeof value === "string" && isoForm.test(value) && isDate(value.slice(0, 10)) && !Number.isNaN(Date.parse(value));
}

/** The parser takes February 31 for a day in March. */
function isDate(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

/** Milliseconds since the epoch. */
export function toMs(instant: Date | string): number {
  return typeof instant === "string" ? Date.parse(instant) : instant.getTime();
}
