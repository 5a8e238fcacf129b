import assert from "node:assert/strict";
import { test } from "node:test";

import { expiringKeys } from "@aivillage/api-key-auth/keys-file";

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
