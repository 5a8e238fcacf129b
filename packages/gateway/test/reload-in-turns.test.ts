import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { FileSnapshot } from "@aivillage/middleware";

import { manyRoutes } from "../bench/support/many-routes.ts";
import { readAgain } from "../src/config/read-again.ts";
import { ConfigError, createGateway, loadConfig } from "../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-reload-in-turns-"));
after(() => rmSync(folder, { recursive: true }));
const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const routes = 50;

/** How many turns of the event loop others had while the work was done. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let [turns, isDone] = [0, false];
  const count = (): void => {
    if (isDone) return;
    turns += 1;
    setImmediate(count);
  };
  setImmediate(count);
  await work().finally(() => (isDone = true));
  return turns;
}

function readRoutes(name: string, text = manyRoutes(routes, name)) {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, text);
  return readAgain({ sources: { file, env: {} }, inForce: new FileSnapshot(), found: FileSnapshot.of([file]), isConfirmed: true });
}

test("others have a turn after each schema that is compiled, and after each route that is made", async (t) => {
  const gateway = createGateway(loadConfig({ env: {} }), { logger });
  t.after(() => gateway.close());
  let config = gateway.config;
  const reading = await turnsDuring(async () => (config = await readRoutes("first")));
  assert.ok(reading >= routes, `${reading} turns while it was read`);
  const replacing = await turnsDuring(() => gateway.reloadInTurns(config));
  assert.ok(replacing >= routes, `${replacing} turns while it was replaced`);
  assert.equal(gateway.config.routes.length, routes);
});

test("schemas that are compiled already take no turns again", async () => {
  const before = await turnsDuring(() => readRoutes("second"));
  const again = await turnsDuring(() => readRoutes("second"));
  assert.ok(again <= before - routes, `${before} turns, then ${again}`);
});

test("a gateway that is closed during a reload keeps its configuration", async () => {
  const gateway = createGateway(loadConfig({ env: {} }), { logger });
  const reload = gateway.reloadInTurns(loadConfig({ env: { RATE_LIMIT_REQUESTS: "7" } }));
  await gateway.close();
  await reload;
  assert.equal(gateway.config.rateLimit.requests, 100);
});

test("a reload in turns that does not pass the checks changes nothing", async (t) => {
  const gateway = createGateway(loadConfig({ env: {} }), { logger });
  t.after(() => gateway.close());
  const config = structuredClone(gateway.config);
  config.rateLimit.requests = 0;
  await assert.rejects(gateway.reloadInTurns(config), ConfigError);
  assert.equal(gateway.config.rateLimit.requests, 100);
});

const [faulty, twoDocuments] = ["server:\n  port: 1\n  port: 2\n", "server:\n  port: 1\n---\na: 1\n"];
for (const [name, text, expected] of [
  ["a duplicate key", faulty, /not valid YAML: duplicate key at line 3, column 3$/],
  ["a second document", twoDocuments, /not valid YAML: multiple docs at line 3, column 1$/],
  ["an alias without an anchor", "a: *b\n", /not valid YAML: /],
] as const) {
  test(`${name} is reported with its position, whether the file is read in turns or at once`, async () => {
    const refused = (error: unknown): boolean => error instanceof ConfigError && expected.test(error.problems.join());
    await assert.rejects(readRoutes("faulty", text), refused);
    assert.throws(() => loadConfig({ file: join(folder, "faulty.yaml"), env: {} }), refused);
  });
}
