import assert from "node:assert/strict";
import { test } from "node:test";

import { Temporal } from "@js-temporal/polyfill";
import * as fc from "fast-check";

import { periods } from "../src/time/period.ts";

const hourMs = 3_600_000;
const zones = Intl.supportedValuesOf("timeZone");
/** Zones with unusual rules: half hours, midnight changes, skipped days, changes at a minute past midnight. */
const strange = [
  "Australia/Lord_Howe",
  "America/St_Johns",
  "Africa/Cairo",
  "Asia/Beirut",
  "America/Havana",
  "Pacific/Apia",
  "Asia/Kolkata",
  "America/Sao_Paulo",
  "Africa/Casablanca",
  "Europe/Berlin",
  "America/New_York",
  "Antarctica/Troll",
  "Asia/Gaza",
  "America/Asuncion",
];

function zoned(instantMs: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(timeZone);
}

/** The first instant of a date as Temporal has it; of a date that a zone skips, that of the next one. */
function startOf(date: Temporal.PlainDate, timeZone: string): number {
  return date.toZonedDateTime(timeZone).epochMilliseconds;
}

/** All changes of a zone's offset in these years. */
function changes(timeZone: string, fromYear: number, toYear: number): number[] {
  const found: number[] = [];
  let at = zoned(Date.UTC(fromYear, 0), timeZone);
  for (;;) {
    const next = at.getTimeZoneTransition("next");
    if (next === null || next.year > toYear) return found;
    found.push(next.epochMilliseconds);
    at = next;
  }
}

for (const [name, timeZones, years] of [
  ["all zones", zones, [2025, 2027]],
  ["strange zones", strange, [1995, 2030]],
] as const) {
  test(`days and months begin when Temporal says so, at every change of the clocks: ${name}`, () => {
    for (const timeZone of timeZones) {
      const [day, month] = [periods("day", timeZone), periods("month", timeZone)];
      for (const changeMs of changes(timeZone, years[0], years[1])) {
        for (const hours of [-25, -1.5, -0.01, 0, 0.5, 1.5, 25]) {
          const instantMs = changeMs + hours * hourMs;
          const date = zoned(instantMs, timeZone).toPlainDate();
          const span = day(instantMs);
          const where = `${timeZone} ${new Date(instantMs).toISOString()}`;
          assert.ok(span.startMs <= instantMs && instantMs < span.endMs, where);
          // A clock that is put back over midnight shows the old date once more, in the new day.
          const shownAgain = startOf(date.add({ days: 1 }), timeZone) <= instantMs;
          const first = shownAgain ? date.add({ days: 1 }) : date;
          assert.equal(span.startMs, startOf(first, timeZone), where);
          assert.equal(span.endMs, startOf(first.add({ days: 1 }), timeZone), where);
          const inMonth = month(instantMs);
          assert.equal(inMonth.startMs, startOf(first.with({ day: 1 }), timeZone), where);
          assert.equal(inMonth.endMs, startOf(first.with({ day: 1 }).add({ months: 1 }), timeZone), where);
        }
      }
    }
  });
}

test("a day of Berlin has 23 hours in March and 25 in October", () => {
  const day = periods("day", "Europe/Berlin");
  const hoursOf = (noon: string): number => {
    const { startMs, endMs } = day(Date.parse(noon));
    return (endMs - startMs) / hourMs;
  };
  assert.deepEqual(["2026-03-29T12:00Z", "2026-10-25T12:00Z", "2026-11-29T12:00Z"].map(hoursOf), [23, 25, 24]);
});

test("a month of 2026 in New York begins at its midnight", () => {
  const { startMs, endMs } = periods("month", "America/New_York")(Date.parse("2026-11-29T08:00Z"));
  assert.deepEqual([startMs, endMs], [Date.parse("2026-11-01T00:00-04:00"), Date.parse("2026-12-01T00:00-05:00")]);
});

test("periods of every kind follow each other without gap or overlap", () => {
  const kind = fc.constantFrom("hour" as const, "day" as const, "month" as const, { ms: 90_000 });
  const instant = fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2035, 0) });
  fc.assert(
    fc.property(kind, fc.constantFrom(...strange), instant, (period, timeZone, instantMs) => {
      const at = periods(period, timeZone);
      const { startMs, endMs } = at(instantMs);
      assert.ok(startMs <= instantMs && instantMs < endMs);
      assert.deepEqual(at(startMs), { startMs, endMs });
      assert.deepEqual(at(endMs - 1), { startMs, endMs });
      assert.equal(at(endMs).startMs, endMs);
      assert.equal(at(startMs - 1).endMs, startMs);
      if (period === "hour") assert.ok(endMs - startMs <= hourMs);
    }),
    { numRuns: 300 },
  );
});

test("an hour is no longer than an hour where clocks change", () => {
  for (const timeZone of strange) {
    const hour = periods("hour", timeZone);
    for (const changeMs of changes(timeZone, 2000, 2027)) {
      for (let atMs = changeMs - 2 * hourMs; atMs < changeMs + 2 * hourMs;) {
        const { startMs, endMs } = hour(atMs);
        assert.ok(startMs <= atMs && endMs > atMs && endMs - startMs <= hourMs, `${timeZone} ${new Date(atMs).toISOString()}`);
        assert.equal(hour(endMs).startMs, endMs, `${timeZone} ${new Date(atMs).toISOString()}`);
        atMs = endMs;
      }
    }
  }
});

test("an unknown time zone is refused", () => {
  assert.throws(() => periods("day", "Europe/Atlantis"), RangeError);
});
