import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { expectedOf, type FormSchema } from "../src/config/settings/form-schema.ts";
import { formats } from "../src/config/settings/formats.ts";
import { bytes, seconds } from "../src/config/settings/units.ts";
import { configFile, problemsOf } from "./config-support.ts";

const upstream = ["http://a:1"];
const problems = (content: object): readonly string[] => problemsOf({ env: {}, file: configFile(content) });
const routeProblems = (route: object): readonly string[] => problems({ routes: [{ path: "/a", ...route }] });

describe("an unknown key in a list is reported with the entry and the key that was meant", () => {
  const cases: readonly [content: object, expected: string][] = [
    [{ routes: [{ path: "/a", upsteam: upstream }] }, "`routes`[0] /a `upsteam` is unknown: did you mean `upstream`?"],
    [{ routes: [{ pth: "/a", upstream }] }, "`routes`[0] `pth` is unknown: did you mean `path`?"],
    [
      { rateLimit: { tiers: [{ name: "premium", request: 1 }] } },
      "`rateLimit.tiers`[0] premium `request` is unknown: did you mean `requests`?",
    ],
    [{ targets: [{ service: "twin", conections: {} }] }, "`targets`[0] twin `conections` is unknown: did you mean `connections`?"],
    [{ health: { services: [{ name: "twin", pth: "/x" }] } }, "`health.services`[0] twin `pth` is unknown: did you mean `path`?"],
    [
      { screening: { exclude: [{ rule: "sqli/*", routes: "/a" }] } },
      "`screening.exclude`[0] sqli/* `routes` is unknown: did you mean `route`?",
    ],
    [
      { screening: { exclude: [{ rule: "sqli/*", zzzz: 1 }] } },
      "`screening.exclude`[0] sqli/* `zzzz` is unknown: remove it, or use one of rule, field, route",
    ],
    [{ routes: [{ path: "/a", upstream, zzzz: 1 }] }, "`routes`[0] /a `zzzz` is unknown: remove it"],
  ];
  for (const [content, expected] of cases) test(expected, () => assert.deepEqual(problems(content), [expected]));

  const nested: readonly [route: object, given: string, meant: string][] = [
    [{ cors: { credential: true } }, "cors.credential", "cors.credentials"],
    [{ timeouts: { header: 5 } }, "timeouts.header", "timeouts.headers"],
    [{ retries: { attemps: 2 } }, "retries.attemps", "retries.attempts"],
    [{ websocket: { idleSecond: 5 } }, "websocket.idleSecond", "websocket.idleSeconds"],
    [{ limits: [{ request: 5 }] }, "limits[0].request", "limits[0].requests"],
    [{ target: { tls: { caFiles: "x" } } }, "target.tls.caFiles", "target.tls.caFile"],
    [{ identity: { keyfile: "x" } }, "identity.keyfile", "identity.keyFile"],
    [{ requestHeaders: { "X-A": { valu: "x" } } }, "requestHeaders.X-A.valu", "requestHeaders.X-A.value"],
    [{ fallback: [{ upstreams: upstream }] }, "fallback[0].upstreams", "fallback[0].upstream"],
  ];
  for (const [route, given, meant] of nested) {
    test(given, () => {
      assert.deepEqual(routeProblems({ upstream, ...route }), [`\`routes\`[0] /a \`${given}\` is unknown: did you mean \`${meant}\`?`]);
    });
  }

  test("an entry whose name cannot be shown on one line has its index only", () => {
    for (const path of ["/a\nb", `/${"a".repeat(200)}`, 5, null]) {
      assert.match(routeProblems({ path, upsteam: upstream })[0] ?? "", /^`routes`\[0\] `\w+` /);
    }
  });
});

describe("a value of the wrong form is one line that says what is expected", () => {
  const cases: readonly [route: object, ...expected: string[]][] = [
    [{ websocket: true }, "`websocket` must be false, or an object such as { idleSeconds: 300 }"],
    [{ websocket: { idleSeconds: "5" } }, "`websocket.idleSeconds` must be a number from 1 to 86400"],
    [
      { health: { path: "ready", expectedStatus: 20 } },
      "`health.path` must be a path such as /ready, of at most 512 characters without spaces and #",
      "`health.expectedStatus` must be a status from 200 to 599, a class such as 2xx, or a list such as [200, 204]",
    ],
    [{ health: { expectedStatus: [200, 20] } }, "`health.expectedStatus[1]` must be a status from 200 to 599, or a class such as 2xx"],
    [{ health: { expectedStatus: [] } }, "`health.expectedStatus` must be a list of 1 to 32 statuses such as [200, 204]"],
    [{ scopes: "a b" }, '`scopes` must be a list of 1 to 32 scopes such as ["notes:read"]'],
    [{ upstream: "http://a:1" }, '`upstream` must be a list such as ["http://notes:9000"] of at most 64 URLs, replicas of one service'],
    [{ cors: { origins: "https://a" } }, '`cors.origins` must be a list of 1 to 1000 origins such as ["https://app.example"]'],
    [
      { target: { affinity: { heder: "x" } } },
      "`target.affinity` must be client, { header: X-Session-Id }, { cookie: sid } or { cookie: { name: replica, insert: true } }",
    ],
    [{ breaker: { share: 2 } }, "`breaker.share` must be a number above 0 and at most 1"],
    [{ target: { connections: { maxRequests: -1 } } }, "`target.connections.maxRequests` must be an integer of at least 0"],
    [{ failureStatuses: [500, 500] }, "`failureStatuses` lists a value twice: keep one of them"],
    [{ redirect: {} }, "`redirect` needs `location`, a path such as /v2/notes/{id}, or a URL that ends in one"],
    [{ summary: 5, public: "yes" }, "`public` must be true or false", "`summary` must be a text of at most 200 characters"],
    [{ maxBodyBytes: "10M" }, "`maxBodyBytes` must be a number of bytes, or a text such as 10MB or 10MiB"],
    [
      { timeouts: { total: "0s", idle: "00 ms" } },
      "`timeouts.idle` must be seconds such as 5 or 0.5, at most a day, or a time with a unit such as 500ms, 30s, 5m or 1h",
      "`timeouts.total` must be seconds such as 5 or 0.5, at most a day, or a time with a unit such as 500ms, 30s, 5m or 1h",
    ],
    [{ timeouts: null }, "`timeouts` must be an object such as { connect: 2s, total: 30s }"],
  ];
  for (const [route, ...expected] of cases) {
    test(JSON.stringify(route), () => {
      assert.deepEqual(
        routeProblems({ upstream, ...route }),
        expected.map((line) => `\`routes\`[0] /a ${line}`),
      );
    });
  }

  test("the pattern of a quantity fits what is read as one, and nothing else", () => {
    const digits = ["1", "10", "007", "1.5", "-1", ""];
    const units = [
      "",
      "b",
      "B",
      "k",
      "K",
      "kb",
      "KB",
      "kB",
      "Ki",
      "KiB",
      "kib",
      "M",
      "MB",
      "mib",
      "GiB",
      "Gi",
      "TB",
      "s",
      "m",
      "h",
      "D",
      "w",
    ];
    const texts = digits.flatMap((count) => units.flatMap((unit) => [`${count}${unit}`, `${count} ${unit}`, `${count}  ${unit}`]));
    for (const { coerce, pattern } of [bytes, seconds]) {
      const isRead = (text: string): boolean => typeof coerce(text) === "number";
      for (const text of texts.filter((each) => each.trim() === each)) assert.equal(new RegExp(pattern).test(text), isRead(text), text);
    }
  });

  test("the keyword screen in a schema", () => {
    for (const screen of ["off", "pros"]) {
      const body = { type: "object", properties: { a: { type: "string", screen } } };
      const [problem = "", ...others] = routeProblems({ upstream, methods: ["POST"], body });
      assert.match(
        problem,
        /^`routes`\[0\] \/a has a schema that is not valid: .*"#\/properties\/a": it must be one of "strict", "prose", "model", or/,
      );
      assert.deepEqual(others, []);
    }
  });

  test("of two routes, each reports its own", () => {
    assert.deepEqual(problems({ routes: [{ path: "/a", websocket: true }, 5, { path: "/b", websocket: { idleSecond: 5 } }] }), [
      "`routes`[0] /a `websocket` must be false, or an object such as { idleSeconds: 300 }",
      '`routes`[1] must be an object such as { path: /v1/notes, upstream: ["http://notes:9000"] }',
      "`routes`[2] /b `websocket.idleSecond` is unknown: did you mean `websocket.idleSeconds`?",
    ]);
  });

  test("a text instead of the whole list", () => {
    assert.deepEqual(problems({ routes: "/a" }), ["`routes` must be a list of at most 2000 entries"]);
  });

  for (const name of ["routes", "tiers", "exclusions", "service-health", "targets"] as const) {
    test(`every form in ${name} that JSON Schema alone cannot put into words is described`, () => {
      const { items } = formats[name].schema as { items: FormSchema };
      const parts = schemasIn(items);
      assert.ok(parts.length > 3);
      for (const part of parts.filter((each) => "pattern" in each || "anyOf" in each || "items" in each || "properties" in each)) {
        assert.ok(part.description !== undefined, JSON.stringify(part));
        assert.doesNotMatch(expectedOf(part), /\^|\\/, JSON.stringify(part));
      }
      assert.ok(!parts.some((each) => "oneOf" in each), "only anyOf has the errors of its alternatives sorted out");
    });
  }
});

/** A schema with all schemas in it. */
function schemasIn(schema: FormSchema): FormSchema[] {
  const {
    properties = {},
    items,
    anyOf = [],
    additionalProperties,
  } = schema as FormSchema & {
    items?: FormSchema;
    anyOf?: FormSchema[];
    additionalProperties?: FormSchema | boolean;
  };
  const inside = [...Object.values(properties), ...anyOf, items, additionalProperties].filter((each) => typeof each === "object");
  return [schema, ...inside.flatMap(schemasIn)];
}
