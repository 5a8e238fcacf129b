import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";

import { loadConfig } from "../src/config/load-config.ts";
import { configWarnings } from "../src/config/rules/config-warnings.ts";
import { createGateway } from "../src/index.ts";
import { configFile, problemsOf } from "./config-support.ts";
import { goodKeys } from "./production-configurations.ts";

const starts = async (sources: Parameters<typeof loadConfig>[0]): Promise<void> => createGateway(loadConfig(sources)).close();

describe("what a part would refuse at the start is refused by the check, with its remedy", () => {
  const wrong: readonly [env: Record<string, string>, expected: RegExp][] = [
    [
      { PENALTY_SECONDS: "100", PENALTY_MAX_SECONDS: "10" },
      /^PENALTY_MAX_SECONDS: .* at least `durationMs`, got 10000: raise it, or lower PENALTY_SECONDS$/,
    ],
    [{ HEALTH_CHECK_TIMEOUT: "601" }, /^HEALTH_CHECK_TIMEOUT must be a number of seconds from 1 to 600, .*got "601"$/],
    [{ BREAKER_FAILURE_STATUSES: "500,200" }, /^BREAKER_FAILURE_STATUSES must be statuses from 400 to 599, separated by commas/],
    [{ BREAKER_FAILURE_STATUSES: "5xx" }, /^BREAKER_FAILURE_STATUSES must be statuses from 400 to 599/],
    [{ HEALTH_CHECK_TIMEOUT: "24h" }, /^HEALTH_CHECK_TIMEOUT must be .* from 1 to 600/],
    [{ TWIN_URL: "http://a:1/base?" }, /^TWIN_URL must be .* without credentials, query or fragment/],
    [{ TWIN_URL: "http://a:1/base#" }, /^TWIN_URL must be .* without credentials, query or fragment/],
    [{ CORS_ORIGINS: "https://*.com" }, /^CORS_ORIGINS must be .* without a path such as .*got "https:\/\/\*\.com"$/],
    [{ METRICS_ALLOW: "10.0.0.0/8/9" }, /^METRICS_ALLOW: each entry must be an IP address, a CIDR range/],
    [{ METRICS_ALLOW: "10.0.0.0/1e1" }, /^METRICS_ALLOW: each entry must be an IP address, a CIDR range/],
    [{ METRICS_ALLOW: "10.0.0.0/ 8" }, /^METRICS_ALLOW: each entry must be an IP address, a CIDR range/],
    [{ METRICS_ALLOW: "10.0.0.0/" }, /^METRICS_ALLOW: each entry must be an IP address, a CIDR range/],
  ];
  for (const [env, expected] of wrong) {
    test(Object.entries(env).join(" "), () => assert.match(problemsOf({ env }).join("\n"), expected));
  }

  test("a host that is no name and no address", () => {
    const refused = [
      "not a host",
      "localhost:8000",
      "http://a",
      "[::1]",
      "300.1.1.1",
      "1.2.3.4.5",
      "a..b",
      "-a",
      "*",
      "a/b",
      "::g",
      "a".repeat(64),
    ];
    for (const host of refused) {
      const problem = /must be an IP address or a host name without a port, such as 0\.0\.0\.0, :: or localhost, got "/;
      assert.match(problemsOf({ env: { GATEWAY_HOST: host } }).join("\n"), problem, host);
      assert.match(problemsOf({ env: {}, file: configFile({ server: { host } }) }).join("\n"), problem, host);
    }
    assert.match(problemsOf({ env: {}, file: configFile({ server: { host: "" } }) }).join("\n"), /^`server\.host` must be an IP address/);
    for (const host of ["0.0.0.0", "::", "::1", "fe80::1%eth0", "localhost", "gateway_1", "a.b-c.example.", "127.1", "bücher.example"]) {
      assert.equal(loadConfig({ env: { GATEWAY_HOST: ` ${host}` } }).server.host, host);
    }
  });

  test("a Redis URL that names no database or has a bad escape, without showing its password", () => {
    for (const rest of ["h/notanumber", "h/1.5", "h/-1", "h:99999", "/0"]) {
      assert.match(
        problemsOf({ env: { REDIS_URL: `redis://${rest}` } }).join("\n"),
        /^REDIS_URL must be in the form redis:\/\/:password@host:6379\/0/,
        rest,
      );
    }
    const problems = problemsOf({ env: { REDIS_URL: "redis://:pa%zzword@h" } }).join("\n");
    assert.match(problems, /^REDIS_URL cannot be read .*: percent-encode/);
    assert.ok(!problems.includes("zzword"));
    assert.equal(loadConfig({ env: { REDIS_URL: "rediss://user:p%40ss@h:6380/15" } }).rateLimit.redisUrl, "rediss://user:p%40ss@h:6380/15");
  });

  test("the largest values that the check takes start", async () => {
    await starts({
      env: {
        HEALTH_CHECK_TIMEOUT: "10m",
        PENALTY_SECONDS: "24h",
        PENALTY_MAX_SECONDS: "24h",
        METRICS_ALLOW: "10.0.0.0/8,0.0.0.0/0,fd00::/128",
        CORS_ORIGINS: "https://app.example,http://localhost:3000",
        TWIN_URL: "https://a:65535/base/",
      },
    });
  });
});

describe("routes and tiers", () => {
  const upstream = ["http://a:1"];
  const routeProblem = (...routes: object[]): string => problemsOf({ env: {}, file: configFile({ routes }) }).join("\n");

  test("an upstream that is not a URL is reported", () => {
    for (const url of ["http://a:99999", "http://[::1", "http://"]) {
      assert.match(routeProblem({ path: "/x", upstream: ["http://a:1", url] }), /^`routes`\[0\].*upstream/, url);
    }
  });

  test("two routes of one name are both reported, since they would share their counts", () => {
    assert.match(
      routeProblem({ path: "/v1/notes/{id}", upstream }, { path: "/v1/notes/id", upstream }),
      /^`routes`\[1\] \/v1\/notes\/id is named `v1\.notes\.id` .* as `routes`\[0\] \/v1\/notes\/\{id\} is: give one of them another `name`/,
    );
    assert.match(routeProblem({ path: "/v1/x", upstream }, { path: "/v1.x", upstream }), /^`routes`\[1\] \/v1\.x .* \/v1\/x is/);
    assert.match(routeProblem({ path: "/a~b", upstream }, { path: "/a.b", upstream }), /^`routes`\[1\] \/a\.b .* \/a~b is/);
    assert.match(
      routeProblem({ path: "/v1/query", limits: [{ requests: 1 }] }, { path: "/v1.query", upstream }),
      /\/v1\.query .* \/v1\/query is/,
    );
  });

  test("a route that is named as a built-in service is reported, since its failures would count as those of the service", () => {
    for (const path of ["/twin", "/{twin}", "/agent_controller", "/knowledge_system"]) {
      assert.match(routeProblem({ path, upstream }), /^`routes`\[0\] .* as the built-in service is: give one/, path);
    }
  });

  test("the same path twice is one error", () => {
    assert.equal(
      problemsOf({
        env: {},
        file: configFile({
          routes: [
            { path: "/a", upstream },
            { path: "/a", upstream },
          ],
        }),
      }).length,
      1,
    );
  });

  test("a duplicate parameter, and segments that clients resolve, are reported", () => {
    assert.match(
      routeProblem({ path: "/v1/{a}/{a}", upstream }),
      /has a `path` that is none: it must be a path that names each parameter once/,
    );
    assert.match(routeProblem({ path: "/..", upstream }), /without the segments `\.` and `\.\.`, which clients resolve/);
    assert.match(routeProblem({ path: "/a/./b", upstream }), /without the segments `\.` and `\.\.`/);
    assert.match(routeProblem({ path: "/a", rewrite: "/a/../b", upstream }), /has a `rewrite` that is none: .* without the segments/);
  });

  test("names and paths that only look alike start", async () => {
    const paths = ["/v1/notes/{id}", "/v1/notes/{other}/id", "/v1/notes/ids", "/v1/notes", "/twins", "/v1/{a}/{b}", "/...", "/a..b"];
    await starts({ env: {}, file: configFile({ routes: paths.map((path) => ({ path, upstream, limits: [{ requests: 5 }] })) }) });
  });

  test("a tier with two limits is reported", () => {
    const tiers = [
      { name: "premium", requests: 1 },
      { name: "batch", requests: 2 },
      { name: "premium", requests: 3 },
    ];
    assert.deepEqual(problemsOf({ env: {}, file: configFile({ rateLimit: { tiers } }) }), [
      "`rateLimit.tiers`[2] premium has a limit already: keep one of them",
    ]);
  });
});

describe("the name of the environment", () => {
  const named = (name: string) => ({ env: { ENVIRONMENT: name } });

  test("does not leave production open by its case, a short form or a slip", () => {
    for (const name of [
      "PRODUCTION",
      "Production",
      " production ",
      "prod",
      "PROD",
      "prd",
      "live",
      "prod-eu",
      "eu-prod",
      "pre-prod",
      "prod2",
      "producton",
      "porduction",
      "produktion",
      "main",
      "release",
      "test-main",
      "anything",
      "eu-1",
    ]) {
      assert.equal(problemsOf(named(name)).filter((problem) => problem.includes("public development key")).length, 2, name);
    }
    assert.equal(problemsOf({ env: {}, file: configFile({ environment: "Production" }) }).length, 3);
  });

  test("leaves the checks off for the known names, alone or with a place or a number", () => {
    for (const name of [
      "development",
      "dev",
      "test",
      "ci",
      "staging",
      "Staging",
      "qa",
      "demo",
      "eu-staging",
      "staging_2",
      "test3",
      "dev-alice",
    ]) {
      assert.equal(loadConfig(named(name)).environment, name.toLowerCase());
    }
  });

  test("is production when only NODE_ENV says so, and what ENVIRONMENT or the file says when they do", () => {
    const env = { NODE_ENV: "production" };
    assert.equal(problemsOf({ env }).filter((problem) => problem.includes("public development key")).length, 2);
    assert.equal(loadConfig({ env: { ...env, ENVIRONMENT: "staging" } }).environment, "staging");
    assert.equal(loadConfig({ env, file: configFile({ environment: "staging" }) }).environment, "staging");
    assert.equal(loadConfig({ env: { NODE_ENV: "test" } }).environment, "development");
    const path = configFile({ rateLimit: { requests: 5 } });
    writeFileSync(path.replace(".yaml", ".production.yaml"), "sever: 1");
    assert.match(problemsOf({ env, file: path }).join(), /production\.yaml is unknown/);
  });

  test("is folded for its file too, wherever it stands", () => {
    const path = configFile({ environment: "Staging", rateLimit: { requests: 5 } });
    writeFileSync(path.replace(".yaml", ".staging.yaml"), "rateLimit: { requests: 6 }");
    assert.deepEqual(
      [loadConfig({ env: {}, file: path }).environment, loadConfig({ env: {}, file: path }).rateLimit.requests],
      ["staging", 6],
    );
    assert.equal(loadConfig({ env: { ENVIRONMENT: " STAGING" }, file: path }).rateLimit.requests, 6);
  });

  test("with a public key is warned of where others reach it, in development too, key by key", () => {
    const warned = (env: Record<string, string>): string[] =>
      configWarnings(loadConfig({ env })).map(({ rule, text }) => `${rule} ${text.split(" ")[0]}`);
    const both = ["public-keys API_KEY", "public-keys SECRET_KEY"];
    assert.deepEqual(warned({ GATEWAY_HOST: "127.0.0.1" }), []);
    assert.deepEqual(warned({ GATEWAY_HOST: "localhost", ENVIRONMENT: "Development" }), []);
    assert.deepEqual(warned({}), both);
    assert.deepEqual(warned({ GATEWAY_HOST: "::" }), both);
    assert.deepEqual(warned({ ENVIRONMENT: "staging", GATEWAY_HOST: "127.0.0.1" }), both);
    assert.deepEqual(warned({ ENVIRONMENT: "staging", API_KEY: "one-of-my-own" }), ["public-keys SECRET_KEY"]);
    assert.deepEqual(warned({ API_KEY: "one-of-my-own", SECRET_KEY: "s1-0123456789abcdefghijklmnopqrstuv" }), []);
  });
});

test("an unknown key hides no problem of the file, and causes none", () => {
  const production = { ENVIRONMENT: "production", ...goodKeys };
  const cors = { origins: ["https://app.example"] };
  const unknown = /^`server\.prot` in .* is unknown: did you mean `server\.port`\?$/;
  const [only, ...others] = problemsOf({ env: production, file: configFile({ cors, server: { prot: 1 } }) });
  assert.match(only ?? "", unknown);
  assert.deepEqual(others, []);
  const file = configFile({ cors, server: { prot: 1, port: "x", host: { a: 1 } }, routes: [{ path: "/a", upstreams: [] }] });
  const problems = problemsOf({ env: production, file });
  for (const expected of [
    unknown,
    /^`server\.host` in .* got a mapping$/,
    /^`server\.port` must be an integer/,
    /^`routes`\[0\].*upstream/,
  ])
    assert.ok(
      problems.some((problem) => expected.test(problem)),
      `${String(expected)} in ${problems.join("\n")}`,
    );
});
