import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import { inputFlagged, inputRefused, type ScreeningOptions, screenFormFields } from "../src/index.ts";

const req = {} as IncomingMessage;
const attack = "' or 1=1 -- ";
const check = (value: string, options?: ScreeningOptions) => screenFormFields(options)({ name: "note", value }, req);

test("a field of a form is screened as prose, and refused with its name", () => {
  assert.equal(check("How do I drop a table? And what is in /etc/passwd?"), undefined);
  const problem = check(attack);
  assert.deepEqual([problem?.status, problem?.type], [422, "input-refused"]);
  assert.match(problem?.detail ?? "", /^The text at #\/note looks like SQL injection/);
});

test("mode and exclusions hold for it, and its events are those of other input", () => {
  const told: string[] = [];
  const stops = [
    inputRefused.subscribe(({ findings }) => told.push(`refused ${findings[0]?.pointer}`)),
    inputFlagged.subscribe(({ findings }) => told.push(`flagged ${findings[0]?.pointer}`)),
  ];
  assert.ok(check(attack) !== undefined);
  assert.equal(check(attack, { mode: "flag" }), undefined);
  assert.equal(check(attack, { exclude: [{ rule: "sqli/*", field: "#/note" }] }), undefined);
  for (const stop of stops) stop();
  assert.deepEqual(told, ["refused #/note", "flagged #/note"]);
});

test("bad options are refused at once", () => {
  assert.throws(() => screenFormFields({ mode: "warn" } as never), { name: "TypeError", message: /screening.mode/ });
});
