const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A length of time as people write it, such as `500ms`, `45s`, `30m`, `24h` or `90d`, with or without one space; in milliseconds. `undefined` for
 * anything else, a number without a unit too.
 */
export function durationMs(text: string): number | undefined {
  const [, count, unit = ""] = /^(\d{1,9}) ?(ms|[smhd])$/i.exec(text.trim()) ?? [];
  return count === undefined ? undefined : Number(count) * (unitMs[unit.toLowerCase()] ?? Number.NaN);
}
