import assert from "node:assert/strict";
import { test } from "node:test";

import { expiringKeys, type KeyEntry, readKeysFile, warnOfExpiringKeys } from "@aivillage/api-key-auth/keys-file";

import { dueWarnings } from "../src/keys-file/warn-of-expiring-keys.ts";

const dayMs = 86_400_000;

test("only keys that are accepted and end within 30 days are reported, the nearest hundred of them", () => {
  const at = (days: number): string => new Date(days * dayMs).toISOString();
  const entry = (keyId: string, more: object) => ({ id: "ada", keyId, sha256: "", ...more });
  const entries = [
    entry("never", {}),
    entry("late", { expiresAt: at(31) }),
    entry("expired", { expiresAt: at(0) }),
    entry("revoked", { expiresAt: at(3), revoked: true }),
    entry("pending", { expiresAt: at(3), notBefore: at(2) }),
    ...Array.from({ length: 150 }, (_, index) => entry(`k${index}`, { expiresAt: at(29 - index / 10) })),
  ];
  const found = expiringKeys(entries, dayMs);
  assert.equal(found.length, 100);
  assert.equal(found[0]?.keyId, "k149");
});

test("a key that ends within 14 days is reported once a day, with the days that are left", () => {
  const due = dueWarnings(14);
  const key = { keyId: "k1", id: "ada", expiresAtMs: 20 * dayMs };
  const reported = Array.from({ length: 20 * 24 }, (_, hour) => due([key], (hour / 24) * dayMs)).flat();
  assert.deepEqual(
    reported.map(({ daysLeft }) => daysLeft),
    Array.from({ length: 14 }, (_, index) => 14 - index),
  );
});

test("warnings begin at once, with the entries as they are", (t) => {
  t.mock.timers.enable({ apis: ["setInterval", "Date"], now: 0 });
  const warned: unknown[] = [];
  const entry = (keyId: string, days: number): KeyEntry => ({
    id: "ada",
    keyId,
    sha256: "",
    scopes: [],
    expiresAt: new Date(days * dayMs).toISOString(),
  });
  let entries = [entry("soon", 3), entry("later", 20)];
  const stop = warnOfExpiringKeys({
    entries: () => entries,
    warn: ({ keyId, daysLeft }) => void warned.push([keyId, daysLeft]),
    withinDays: 5,
  });
  assert.deepEqual(warned, [["soon", 3]]);
  entries = [...entries, entry("new", 4)];
  t.mock.timers.tick(3_600_000);
  assert.deepEqual(warned.at(-1), ["new", 3]);
  stop();
  entries = [...entries, entry("unseen", 4)];
  t.mock.timers.tick(3_600_000);
  assert.equal(warned.length, 2);
});

test("a keys file that is not valid at the moment ends no process", () => {
  const stop = warnOfExpiringKeys({
    entries: () => readKeysFile("/nowhere/keys.yaml").entries,
    warn: () => assert.fail("there is no key"),
  });
  stop();
  const broken = (): never => {
    throw new TypeError("a mistake");
  };
  assert.throws(() => warnOfExpiringKeys({ entries: broken, warn: () => undefined }), TypeError);
});

test("bad options of the warnings are errors", () => {
  assert.throws(() => warnOfExpiringKeys({ entries: () => [], warn: () => undefined, withinDays: 31 }), { option: "withinDays" });
  assert.throws(() => warnOfExpiringKeys({ entries: () => [] } as never), { option: "warn" });
});
