import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { FileSnapshot } from "@aivillage/middleware";
import { stringify } from "yaml";

import { readConfig } from "../src/config/load-config.ts";
import { configWarnings, warningRules } from "../src/config/rules/config-warnings.ts";
import { productionRules } from "../src/config/rules/production-rules.ts";
import { isProduction } from "../src/config/settings/environment-name.ts";
import { ConfigError, createGateway, type GatewayConfig, loadConfig, startGateway } from "../src/index.ts";
import { cli } from "./cli-support.ts";
import { goodKeys, type ProductionConfiguration, productionConfigurations, soundEnvironment } from "./production-configurations.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-production-"));
chmodSync(folder, 0o755);
after(() => rmSync(folder, { recursive: true }));
const secrets = [...Object.values(goodKeys), "redis-password"];

function environmentOf({ env = {}, yaml, files = {} }: ProductionConfiguration, index: number): Record<string, string> {
  const all: NonNullable<ProductionConfiguration["files"]> = {
    ...(yaml !== undefined && { CONFIG_FILE: { text: stringify(yaml), mode: 0o600 } }),
    ...files,
  };
  const named = Object.entries(all).map(([name, { text, mode, folderMode = 0o755 }]) => {
    const parent = join(folder, `${index}`);
    mkdirSync(parent, { recursive: true });
    chmodSync(parent, folderMode);
    const path = join(parent, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return [name, path] as const;
  });
  const merged = { ...soundEnvironment, ...env, ...Object.fromEntries(named) };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ""));
}

/** The problems for which it is refused; none when it is accepted. */
function problemsOf(use: () => unknown): readonly string[] {
  try {
    use();
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
}

function assertBeginnings(actual: readonly string[], expected: readonly string[] = []): void {
  assert.equal(actual.length, expected.length, actual.join("\n"));
  for (const [index, text] of actual.entries()) assert.ok(text.startsWith(expected[index] ?? ""), text);
  for (const text of actual) {
    assert.match(text, /: |must/, "says what to do");
    assert.ok(!secrets.some((secret) => text.includes(secret)), "shows no secret");
  }
}

function assertWarnings(config: GatewayConfig, expected: readonly string[] = []): void {
  const warnings = configWarnings(config);
  assert.deepEqual(
    warnings.map(({ rule }) => rule),
    expected,
  );
  assert.ok(!warnings.some(({ text }) => secrets.some((secret) => text.includes(secret))));
}

/** The configuration without the checks, as a program may make it; `undefined` when a value is not valid by itself. */
function configOf(env: Record<string, string>): GatewayConfig | undefined {
  const { config, problems } = readConfig({ env }, new FileSnapshot());
  return problems.length > 0 ? undefined : config;
}

describe("production", async () => {
  const inForce = createGateway(loadConfig({ env: soundEnvironment }));
  after(() => inForce.close());

  for (const [index, row] of productionConfigurations.entries()) {
    const verdict = row.refused !== undefined ? "refused" : row.warned !== undefined ? "accepted with a warning" : "accepted";
    test(`${row.name} is ${verdict}, by the check, a start and a reload alike`, () => {
      const env = environmentOf(row, index);
      assertBeginnings(
        problemsOf(() => loadConfig({ env })),
        row.refused,
      );
      const config = configOf(env);
      if (config === undefined) return;
      if (row.refused === undefined) return assertWarnings(config, row.warned);
      assertBeginnings(
        problemsOf(() => createGateway(config)),
        row.refused,
      );
      if (row.isFixed === true) return;
      assertBeginnings(
        problemsOf(() => inForce.reload(config)),
        row.refused,
      );
    });
  }

  test("takes a configuration that a program changed by the same rules, whatever environment it names", () => {
    const config = loadConfig({ env: soundEnvironment });
    config.rateLimit.requests = 7;
    assert.deepEqual(inForce.reload(config), []);
    config.cors.origins = ["*"];
    config.environment = "development";
    assert.match(problemsOf(() => inForce.reload(config)).join(), /^CORS_ORIGINS allows every origin/);
    config.environment = "production";
    config.rateLimit.requests = 0;
    assert.match(problemsOf(() => createGateway(config)).join(), /`rateLimit\.requests` must be/);
  });

  test("has a row for every rule that refuses or warns", () => {
    const warned = new Set(productionConfigurations.flatMap(({ warned: rules = [] }) => rules));
    const elsewhere = ["public-keys", "shared-files"];
    assert.deepEqual(
      warningRules.map(({ name }) => name).filter((name) => !warned.has(name) && !elsewhere.includes(name)),
      [],
    );
    const refusing = productionConfigurations.filter(({ refused = [] }) => refused.length === 1);
    const broken = new Set(
      refusing.flatMap((row) => {
        const config = configOf(environmentOf(row, productionConfigurations.indexOf(row)));
        return config === undefined ? [] : productionRules.filter(({ problems }) => problems(config).length > 0).map(({ name }) => name);
      }),
    );
    assert.deepEqual([...broken].toSorted(), productionRules.map(({ name }) => name).toSorted());
  });

  test("is what its rules are applied to, and staging is not", () => {
    const env = { ...soundEnvironment, ENVIRONMENT: "staging", DEBUG: "true", CORS_ORIGINS: "*" };
    assert.equal(isProduction(loadConfig({ env }).environment), false);
  });
});

describe("the command line", () => {
  const port = { GATEWAY_PORT: "0" };

  test("refuses the same with check-config and start, for the same reasons", async () => {
    const env = { ...soundEnvironment, ...port, API_KEY: "change-me-change-me-change-me-please", TWIN_URL: "http://169.254.169.254" };
    const [check, start] = [await cli(["check-config"], { env }), await cli(["start"], { env })];
    assert.deepEqual([check.code, start.code], [1, 1]);
    assert.deepEqual([check.stdout, check.stderr], [start.stdout, start.stderr]);
    assert.match(check.stderr, /2 problems:\n {2}- API_KEY is guessable[^\n]*\n {2}- TWIN_URL: [^\n]* metadata/);
  });
});

/** What it warns of while it starts, and what `use` asks it. */
async function started(env: Record<string, string>, use: (url: string) => Promise<void> = async () => undefined): Promise<string[]> {
  const warned: string[] = [];
  const [silent, warn] = [() => undefined, (_fields: object, text: string) => void warned.push(text)];
  const logger = { debug: silent, info: silent, error: silent, warn };
  const gateway = await startGateway(loadConfig({ env: { GATEWAY_PORT: "0", ...env } }), { logger, drainMs: 100 });
  await use(gateway.url.replace("localhost", "127.0.0.1")).finally(() => gateway.close());
  return warned;
}

test("a start with the public keys on an address that others reach is warned of in the log, in development too", async () => {
  const [first = "", second = ""] = await started({});
  assert.match(
    first,
    /^API_KEY is the public development key .* GATEWAY_HOST is 0\.0\.0\.0, .*: make one with .*GATEWAY_HOST=127\.0\.0\.1$/,
  );
  assert.match(second, /^SECRET_KEY is the public development key/);
  assert.deepEqual(await started({ GATEWAY_HOST: "127.0.0.1" }), []);
});

for (const name of ["production", "prod-eu", "main"]) {
  test(`in the environment ${name} there is no /docs, and without METRICS_ALLOW no /metrics`, async () => {
    const statuses: number[] = [];
    const ask = async (url: string): Promise<void> => {
      for (const path of ["/docs", "/metrics", "/livez"]) {
        const response = await fetch(url + path);
        await response.arrayBuffer();
        statuses.push(response.status);
      }
    };
    const warned = await started({ ...soundEnvironment, ENVIRONMENT: name, GATEWAY_PORT: "0", METRICS_ALLOW: "" }, ask);
    assert.deepEqual(statuses, [404, 403, 200]);
    assert.match(warned.join("\n"), /^METRICS_ALLOW is empty, so \/metrics is closed to everyone/m);
  });
}
