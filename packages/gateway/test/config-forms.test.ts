import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { configFile, faultsOf } from "./config-support.ts";

const upstream = ["http://a:1"];
const problems = (content: object): readonly string[] => faultsOf({ env: {}, file: configFile(content) });
const problemsOf = (route: object): readonly string[] => problems({ routes: [{ path: "/a", ...route }] });

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
    [{ routes: [{ path: "/a", upstream, zzzz: 1 }] }, "`routes`[0] /a `zzzz` is unknown: remove it; docs/configuration.md lists the keys"],
  ];
  for (const [content, expected] of cases) test(expected, () => assert.deepEqual(problems(content), [expected]));

  const nested: readonly [route: object, given: string, meant: string][] = [
    [{ cors: { credential: true } }, "cors.credential", "cors.credentials"],
    [{ timeouts: { header: 5 } }, "timeouts.header", "timeouts.headers"],
    [{ retries: { attemps: 2 } }, "retries.attemps", "retries.attempts"],
    [{ limits: [{ request: 5 }] }, "limits[0].request", "limits[0].requests"],
    [{ target: { tls: { caFiles: "x" } } }, "target.tls.caFiles", "target.tls.caFile"],
    [{ identity: { keyfile: "x" } }, "identity.keyfile", "identity.keyFile"],
    [{ requestHeaders: { "X-A": { valu: "x" } } }, "requestHeaders.X-A.valu", "requestHeaders.X-A.value"],
    [{ fallback: [{ upstreams: upstream }] }, "fallback[0].upstreams", "fallback[0].upstream"],
  ];
  for (const [route, given, meant] of nested) {
    test(given, () => {
      assert.deepEqual(problemsOf({ upstream, ...route }), [`\`routes\`[0] /a \`${given}\` is unknown: did you mean \`${meant}\`?`]);
    });
  }

  test("an entry whose name cannot be shown on one line has its index only", () => {
    for (const path of ["/a\nb", `/${"a".repeat(200)}`, 5, null]) {
      assert.match(problemsOf({ path, upsteam: upstream })[0] ?? "", /^`routes`\[0\] `\w+` /);
    }
  });
});
