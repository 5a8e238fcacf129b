import { durationMs } from "@aivillage/middleware";

/** A time in a part that only the YAML file holds: a number of seconds, or a text with a unit, such as `500ms`, `30s`, `5m` or `1h`. */
export type Duration = number | string;

export const durationSchema = {
  description: "seconds such as 5 or 0.5, at most a day, or a time with a unit such as 500ms, 30s, 5m or 1h",
  anyOf: [
    { type: "number", exclusiveMinimum: 0, maximum: 86_400 },
    {
      description: "a time with a unit such as 500ms, 30s, 5m or 1h",
      type: "string",
      pattern: "^(?!0+\\D)(\\d{1,8} ?ms|\\d{1,5} ?s|\\d{1,4} ?m|\\d{1,2} ?h)$",
    },
  ],
} as const;

/** The time in whole milliseconds, at least one. */
function toMs(duration: Duration): number {
  return Math.max(1, typeof duration === "number" ? Math.round(duration * 1_000) : (durationMs(duration) ?? Number.NaN));
}

/** `toMs()` for what may be left out. */
export function optionalMs(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : toMs(duration);
}
