import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { nearest } from "@aivillage/middleware";
import { Ajv2020 } from "ajv/dist/2020.js";
import { stringify } from "yaml";

import { loadConfig } from "../src/config/load-config.ts";
import { lookAlikes } from "../src/config/loader/environment.ts";
import { redactConfig } from "../src/config/redact-config.ts";
import { configSchema } from "../src/config/settings/json-schema.ts";
import { configFile, problemsOf } from "./config-support.ts";

const strongKeys = { API_KEY: "Zq7vX2mK9tRw4bNc8LpYd3HfGs6JaUe1", SECRET_KEY: "t5Wk0PzQx8CrV3nMb6YhJ1LdFg9SaEu2" };

describe("the order of sources", () => {
  test("without file and variables the defaults hold", () => {
    const config = loadConfig({ env: {} });
    assert.equal(config.environment, "development");
    assert.deepEqual(config.server, {
      host: "0.0.0.0",
      port: 8000,
      trustedProxies: [],
      trustRequestIds: "everyone",
      workers: 1,
      maxConnections: 10_000,
      maxConnectionsPerAddress: 0,
      maxConcurrentPerClient: 1_024,
      drainDelaySeconds: 0,
      drainSeconds: 30,
    });
    assert.deepEqual(config.rateLimit, {
      requests: 100,
      windowSeconds: 60,
      limitBy: "principal",
      redisUrl: "",
      maxKeys: 100_000,
      allow: [],
      tiers: [],
      penalty: { seconds: 60, maxSeconds: 3_600 },
    });
    assert.deepEqual(config.services.twin, ["http://localhost:8001"]);
    assert.equal(config.upload.maxFileBytes, 10_485_760);
  });

  test("the file wins over defaults, a variable over the file, the port of the command line over all", () => {
    const path = configFile("server:\n  port: 8100\n  host: 127.0.0.1\nrateLimit:\n  requests: 7\n");
    assert.equal(loadConfig({ env: {}, file: path }).server.port, 8100);
    const config = loadConfig({ env: { GATEWAY_PORT: "8200" }, file: path });
    assert.deepEqual([config.server.port, config.server.host, config.rateLimit.requests], [8200, "127.0.0.1", 7]);
    assert.equal(loadConfig({ env: { GATEWAY_PORT: "8200" }, file: path, port: "8300" }).server.port, 8300);
  });

  test("CONFIG_FILE names the file, and an explicit one wins over it", () => {
    const env = { CONFIG_FILE: configFile("rateLimit: { requests: 5 }") };
    assert.equal(loadConfig({ env }).rateLimit.requests, 5);
    assert.equal(loadConfig({ env, file: configFile("rateLimit: { requests: 6 }") }).rateLimit.requests, 6);
  });

  test("the file beside it for the environment wins over it, and a variable over both", () => {
    const path = configFile("rateLimit: { requests: 5, windowSeconds: 30 }");
    writeFileSync(path.replace(".yaml", ".staging.yaml"), "rateLimit: { requests: 6 }");
    const at = (env: Record<string, string>): number[] => {
      const { requests, windowSeconds } = loadConfig({ env, file: path }).rateLimit;
      return [requests, windowSeconds];
    };
    assert.deepEqual(at({}), [5, 30]);
    assert.deepEqual(at({ ENVIRONMENT: "staging" }), [6, 30]);
    assert.deepEqual(at({ ENVIRONMENT: "staging", RATE_LIMIT_REQUESTS: "7" }), [7, 30]);
  });

  test("the environment that the file itself names chooses the file beside it", () => {
    const path = configFile("environment: staging");
    writeFileSync(path.replace(".yaml", ".staging.yaml"), "rateLimit: { requests: 8 }\nunknown: 1");
    assert.match(problemsOf({ env: {}, file: path })[0] ?? "", /`unknown` in .*\.staging\.yaml is unknown/);
  });

  test("an empty variable counts as unset, and an empty file is refused, unlike one of comments", () => {
    assert.equal(loadConfig({ env: { GATEWAY_PORT: "", CONFIG_FILE: "" } }).server.port, 8000);
    for (const text of ["", " \n\n"])
      assert.match(problemsOf({ env: {}, file: configFile(text) }).join(), /\.yaml is empty: write its settings/);
    assert.equal(loadConfig({ env: {}, file: configFile("# none yet\n") }).server.port, 8000);
  });

  test("secrets come from the files of API_KEY_FILE and SECRET_KEY_FILE", () => {
    const config = loadConfig({
      env: { API_KEY_FILE: configFile("from-a-file\n"), SECRET_KEY_FILE: configFile("0123456789abcdefghijklmnopqrstuvwxyz\n") },
    });
    assert.equal(config.auth.apiKey, "from-a-file");
    assert.equal(config.auth.secretKey, "0123456789abcdefghijklmnopqrstuvwxyz");
    assert.match(problemsOf({ env: { API_KEY: "a", API_KEY_FILE: configFile("b") } })[0] ?? "", /both set: unset one/);
  });
});

describe("the forms of values", () => {
  test("lists are separated by commas or are YAML lists", () => {
    assert.deepEqual(loadConfig({ env: { TWIN_URL: "http://a:1, http://b:2/base," } }).services.twin, ["http://a:1", "http://b:2/base"]);
    assert.deepEqual(loadConfig({ env: {}, file: configFile("cors: { origins: [https://a.example, https://b.example] }") }).cors.origins, [
      "https://a.example",
      "https://b.example",
    ]);
  });

  test("switches take the usual words and no others", () => {
    for (const word of ["true", "TRUE", "1", "yes", "on"]) assert.equal(loadConfig({ env: { DEBUG: word } }).log.debug, true, word);
    for (const word of ["false", "0", "no", "off"])
      assert.equal(loadConfig({ env: { ENABLE_METRICS: word } }).features.metrics, false, word);
    assert.match(problemsOf({ env: { ENABLE_METRICS: "maybe" } })[0] ?? "", /^ENABLE_METRICS must be true or false, got "maybe"$/);
  });

  test("sizes and times take units, in variables and in the file", () => {
    const bytesOf = (text: string): number => loadConfig({ env: { MAX_FILE_SIZE: text } }).upload.maxFileBytes;
    assert.deepEqual(["5", "5B", "5kB", "5 MB", "5MiB", "1GiB"].map(bytesOf), [5, 5, 5_000, 5_000_000, 5_242_880, 1_073_741_824]);
    const secondsOf = (text: string): number => loadConfig({ env: { REQUEST_TIMEOUT: text } }).timeouts.requestSeconds;
    assert.deepEqual(["5", "5s", "5m", "2 h", "1d"].map(secondsOf), [5, 5, 300, 7_200, 86_400]);
    assert.equal(loadConfig({ env: {}, file: configFile("upload: { maxFileBytes: 1MiB }") }).upload.maxFileBytes, 1_048_576);
  });

  const wrong: readonly [variable: string, value: string, expected: RegExp][] = [
    ["GATEWAY_PORT", "99999", /integer from 0 to 65535, got "99999"/],
    ["GATEWAY_PORT", "80O0", /integer from 0 to 65535/],
    ["GATEWAY_PORT", "-1", /integer from 0 to 65535/],
    ["MAX_FILE_SIZE", "10 megabytes", /number of bytes .*such as 10485760, 10MB or 10MiB, got "10 megabytes"/],
    ["MAX_FILE_SIZE", "2000GiB", /number of bytes from 1 to 1099511627776/],
    ["DRAIN_TIMEOUT", "2w", /number of seconds .*1h or 2d, got "2w"/],
    ["METRICS_ALLOW", "10.0.0.0/33", /^METRICS_ALLOW: each entry must be an IP address, a CIDR range .* got '10\.0\.0\.0\/33'/],
    ["RATE_LIMIT_ALLOW", "probe.example", /^RATE_LIMIT_ALLOW: each entry must be an IP address, a CIDR range/],
    ["RATE_LIMIT_REQUESTS", "0", /integer from 1/],
    ["REQUEST_TIMEOUT", "1.5", /seconds from 1 to 86400/],
    ["TWIN_URL", "localhost:8001", /http:\/\/ or https:\/\/ URLs/],
    ["TWIN_URL", "http://user:secret@twin", /without credentials/],
    ["CORS_ORIGINS", "https://app.example/path", /origins without a path such as/],
    ["LOG_LEVEL", "LOUD", /one of DEBUG, INFO, WARN, ERROR/],
    ["ENVIRONMENT", "prod uction", /a word/],
    ["WORKERS", "0", /integer from 1 to 256/],
    ["REDIS_URL", "localhost:6379", /a redis:\/\/ or rediss:\/\/ URL, got something else \(not shown/],
    ["TRUSTED_PROXIES", "10.0.0.0/8,foo", /^TRUSTED_PROXIES: each entry must be an IP address, .* got 'foo'$/],
    ["TRUSTED_PROXIES", "10.0.0.0/33, ::1, 10.0.0.256,foo", /^TRUSTED_PROXIES: .* got '10\.0\.0\.0\/33', '10\.0\.0\.256', 'foo'$/],
    ["METRICS_ALLOW", "x, y", /^METRICS_ALLOW: .* got 'x', 'y'$/],
    ["ADMIN_PORT", "8000", /^ADMIN_PORT and GATEWAY_PORT are both 8000, on 127\.0\.0\.1 and 0\.0\.0\.0: set another ADMIN_PORT$/],
    ["TRUSTED_PROXIES", "0.0.0.0/0", /^TRUSTED_PROXIES: /],
    ["API_KEYS_FILE", "/nowhere.yaml", /The keys file \/nowhere\.yaml cannot be read \(ENOENT\)/],
    ["API_KEY", "a-key's", /letters, digits or .*not shown/],
    ["SECRET_KEY", "short", /at least 32 characters/],
  ];
  for (const [variable, value, expected] of wrong) {
    test(`${variable}=${value} is refused`, () => assert.match(problemsOf({ env: { [variable]: value } }).join("\n"), expected));
  }

  test("a refused secret is not shown", () => {
    const problems = problemsOf({ env: { API_KEY: "pa ss word" } }).join("\n");
    assert.match(problems, /^API_KEY must be .*not shown/);
    assert.ok(!problems.includes("pa ss"));
  });
});

describe("errors", () => {
  test("all of them are reported at once", () => {
    const env = { GATEWAY_PORT: "x", MAX_FILE_SIZE: "y", LOG_LEVEL: "z" };
    assert.equal(problemsOf({ env, file: configFile("sever: { port: 1 }") }).length, 4);
  });

  test("a misspelt key names the nearest one, at any depth", () => {
    assert.match(
      problemsOf({ env: {}, file: configFile("server: { prot: 1 }") })[0] ?? "",
      /`server\.prot` in .* is unknown: did you mean `server\.port`\?/,
    );
    assert.match(problemsOf({ env: {}, file: configFile("zzzzzzzzzzzz: 1") })[0] ?? "", /is unknown: remove it/);
  });

  test("a misspelt group names the nearest one, at any depth, and a short word that is near to any other names none", () => {
    const groups: [string, string][] = [
      ["ratelimit", "rateLimit"],
      ["timeout", "timeouts"],
      ["service", "services"],
      ["sever", "server"],
    ];
    for (const [wrong, right] of groups)
      assert.match(
        problemsOf({ env: {}, file: configFile(`${wrong}: {}`) })[0] ?? "",
        new RegExp(`is unknown: did you mean \`${right}\`\\?$`),
      );
    assert.match(problemsOf({ env: {}, file: configFile("auth: { jwtt: {} }") })[0] ?? "", /did you mean `auth\.jwt`\?/);
    assert.match(problemsOf({ env: {}, file: configFile("foo: 1") })[0] ?? "", /is unknown: remove it/);
  });

  test("anchors, aliases and merge keys save repetition, and an alias without an anchor is reported with its position only", () => {
    const route = '&notes { path: /a, upstream: ["http://a:1"], limits: [{ requests: 5, windowSeconds: 60 }] }';
    const { routes } = loadConfig({ env: {}, file: configFile(`routes:\n  - ${route}\n  - { <<: *notes, path: /b }\n`) });
    assert.deepEqual(
      routes.map(({ path, limits }) => [path, limits?.[0]?.requests]),
      [
        ["/a", 5],
        ["/b", 5],
      ],
    );
    const [problem = ""] = problemsOf({ env: {}, file: configFile("log:\n  level: INFO\nvia: *top-secret\n") });
    assert.match(
      problem,
      /is not valid YAML: an alias without an anchor, or a text to quote because it begins with `\*`, at line 3, column 6$/,
    );
  });

  test("a value in place of a group, a list at the top and invalid YAML are reported", () => {
    assert.match(problemsOf({ env: {}, file: configFile("server: 8000") })[0] ?? "", /`server` in .* must hold further keys: server\.host/);
    assert.match(problemsOf({ env: {}, file: configFile("- a") })[0] ?? "", /must hold keys and values/);
    assert.match(problemsOf({ env: {}, file: configFile("a: [") })[0] ?? "", /is not valid YAML/);
  });

  test("a keys file is checked with the rest, and its digests are not shown", () => {
    const sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    const keys = (entry: string): readonly string[] => problemsOf({ env: { API_KEYS_FILE: configFile(`keys:\n  - ${entry}\n`) } });
    assert.match(
      keys(`{ id: a, sha256: ${sha256}, expiresAt: tomorrow }`)[0] ?? "",
      /^API_KEYS_FILE .*`keys\[0\]\.expiresAt` must be .*got 'tomorrow'$/,
    );
    assert.match(keys(`{ id: a, secret: in-the-open }`).join("\n"), /must have `sha256`[\s\S]*unknown member `secret`/);
    const twice = keys(`{ id: a, sha256: ${sha256} }\n  - { id: b, sha256: ${sha256} }`)[0] ?? "";
    assert.match(twice, /`keys\[1\]` has the same secret as a key before it/);
    assert.ok(!twice.includes(sha256));
    assert.equal(loadConfig({ env: { API_KEYS_FILE: configFile(`keys: [{ id: a, sha256: ${sha256} }]`) } }).environment, "development");
  });

  test("a missing file is reported with the reason", () => {
    assert.match(
      problemsOf({ env: {}, file: join(import.meta.dirname, "missing.yaml") })[0] ?? "",
      /missing\.yaml cannot be read \(ENOENT\): check/,
    );
  });

  test("keys that would change prototypes are unknown keys", () => {
    assert.match(problemsOf({ env: {}, file: configFile("__proto__: { polluted: 1 }") })[0] ?? "", /is unknown/);
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  });
});

describe("production", () => {
  test("refuses everything that is unsafe, in one go, with remedies", () => {
    const problems = problemsOf({ env: { ENVIRONMENT: "production", DEBUG: "true" } });
    assert.deepEqual(
      problems.map((problem) => problem.split(" ")[0]),
      ["API_KEY", "SECRET_KEY", "CORS_ORIGINS", "DEBUG"],
    );
    assert.ok(problems.every((problem) => /: (make|list|unset)/.test(problem)));
  });

  test("reports unsafe settings together with unknown keys", () => {
    assert.equal(problemsOf({ env: { ENVIRONMENT: "production" }, file: configFile("server: { prot: 1 }") }).length, 4);
  });

  test("refuses short, uniform and equal keys", () => {
    const env = { ENVIRONMENT: "production", CORS_ORIGINS: "https://app.example" };
    assert.match(problemsOf({ env: { ...env, ...strongKeys, API_KEY: "only-twenty-letters-" } })[0] ?? "", /has 20 characters/);
    assert.match(problemsOf({ env: { ...env, ...strongKeys, API_KEY: "ab".repeat(20) } })[0] ?? "", /API_KEY is guessable/);
    assert.match(problemsOf({ env: { ...env, API_KEY: strongKeys.API_KEY, SECRET_KEY: strongKeys.API_KEY } })[0] ?? "", /are the same/);
  });

  test("starts on strong keys and named origins", () => {
    assert.equal(
      loadConfig({ env: { ENVIRONMENT: "production", CORS_ORIGINS: "https://app.example", ...strongKeys } }).environment,
      "production",
    );
  });
});

test("a printed configuration shows no secret and loads again", () => {
  const config = loadConfig({ env: { ...strongKeys, GATEWAY_PORT: "8123" } });
  const text = stringify(redactConfig(config));
  for (const secret of Object.values(strongKeys)) assert.ok(!text.includes(secret));
  assert.match(text, /apiKey: "?\[redacted\]/);
  assert.deepEqual(loadConfig({ env: strongKeys, file: configFile(text) }), config);
});

test("a printed configuration shows no query of the URL of a JWK Set", () => {
  const text = stringify(redactConfig(loadConfig({ env: { JWT_JWKS_URL: "https://id.example/keys?token=c4n4ry" } })));
  assert.match(text, /jwksUrl: "?https:\/\/id\.example\/keys\?\[redacted\]/);
  assert.ok(!text.includes("c4n4ry"));
});

test("a printed configuration shows no password of an outbound proxy, and no query of a path", () => {
  const routes = [
    {
      path: "/a",
      upstream: ["http://a.example"],
      target: { outboundProxy: "http://user:c4n4ry@proxy.example:3128" },
      health: { path: "/h?token=c4n4ry" },
    },
  ];
  const targets = [{ service: "twin", outboundProxy: "http://c4n4ry@proxy.example" }];
  const text = stringify(redactConfig(loadConfig({ env: {}, file: configFile({ routes, targets }) })));
  assert.ok(!text.includes("c4n4ry"), text);
  assert.match(text, /outboundProxy: http:\/\/\[redacted\]@proxy\.example:3128/);
});

test("the nearest name is found within a few edits only", () => {
  assert.equal(nearest("RATE_LIMT", ["RATE_LIMIT", "PORT"]), "RATE_LIMIT");
  assert.equal(nearest("completely-else", ["RATE_LIMIT", "PORT"]), undefined);
  assert.equal(nearest("x", []), undefined);
});

describe("variables that look like a slip", () => {
  test("are reported with the nearest valid name", () => {
    assert.deepEqual(lookAlikes({ RATE_LIMT_WINDOW: "60", GATEWAY_PROT: "1", PATH: "/bin", LOG_LEVELS: "x" }), [
      "The variable RATE_LIMT_WINDOW is unknown and ignored: did you mean RATE_LIMIT_WINDOW?",
      "The variable GATEWAY_PROT is unknown and ignored: did you mean GATEWAY_PORT?",
      "The variable LOG_LEVELS is unknown and ignored: did you mean LOG_LEVEL?",
    ]);
  });

  test("are none when what was meant is set too, or when nothing is near", () => {
    assert.deepEqual(lookAlikes({ LOG_LEVELS: "x", LOG_LEVEL: "INFO", HOME: "/root", KUBERNETES_SERVICE_HOST: "10.0.0.1" }), []);
  });
});

describe("the JSON Schema of the file", () => {
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(configSchema());

  test("takes what the loader takes, and says of each setting what it is", () => {
    const document = { server: { port: 8100 }, upload: { maxFileBytes: "10MiB" }, routes: [{ path: "/a", upstream: ["http://a:1"] }] };
    assert.equal(validate(document), true, JSON.stringify(validate.errors));
    assert.deepEqual(loadConfig({ env: {}, file: configFile(JSON.stringify(document)) }).routes, document.routes);
    const { properties } = configSchema() as { properties: Record<string, { properties: Record<string, { description: string }> }> };
    assert.match(properties["server"]?.properties["port"]?.description ?? "", /Environment variable: GATEWAY_PORT/);
  });

  test("refuses what the loader refuses", () => {
    for (const document of [{ sever: {} }, { server: { port: 99_999 } }, { log: { level: "LOUD" } }, { routes: [{ path: "no-slash" }] }]) {
      assert.equal(validate(document), false, JSON.stringify(document));
      assert.ok(problemsOf({ env: {}, file: configFile(JSON.stringify(document)) }).length > 0);
    }
  });

  test("shows no default of a secret", () => assert.ok(!JSON.stringify(configSchema()).includes("dev-")));
});
