export const instantExpected = "a valid Date or an ISO 8601 instant with offset, such as 2026-01-31T00:00:00Z";

/** A time without an offset would mean another instant on every machine. */
const isoForm = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

export function isInstant(value: unknown): boolean {
  if (value instanceof Date) return !Number.isNaN(value.getTime());
  return typeof value === "string" && isoForm.test(value) && !Number.isNaN(Date.parse(value));
}

/** Milliseconds since the epoch. */
export function toMs(instant: Date | string): number {
  return typeof instant === "string" ? Date.parse(instant) : instant.getTime();
}
