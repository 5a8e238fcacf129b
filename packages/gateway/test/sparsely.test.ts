import assert from "node:assert/strict";
import { test } from "node:test";

import { gatewayLines } from "../src/state/telemetry/gateway-lines.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

test("each client that has too many concurrent requests is named with its own count", (t) => {
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const told: unknown[] = [];
  const lines = gatewayLines({ ...quiet, warn: (fields: object) => void told.push(fields) });
  const refuse = (client: string): void =>
    lines.concurrencyExceeded({ req: undefined as never, target: "twin", client, count: 2, limit: 2 });
  for (let times = 0; times < 50; times += 1) refuse("loud");
  refuse("quiet");
  now = 10_000;
  refuse("loud");
  refuse("quiet");
  const refused = told.map((line) => line as { client: string; refused: number }).map(({ client, refused: count }) => [client, count]);
  assert.deepEqual(refused, [
    ["loud", 1],
    ["quiet", 1],
    ["loud", 50],
    ["quiet", 1],
  ]);
});
