import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { foreignNames } from "../src/config/settings/foreign-names.ts";
import { routeSchema } from "../src/config/settings/route-config.ts";
import { settings } from "../src/config/settings/schema.ts";
import { configFile, problemsOf } from "./config-support.ts";

const problems = (content: object): readonly string[] => problemsOf({ env: {}, file: configFile(content) });
const route = { path: "/a", upstream: ["http://a:1"] };

describe("a key of other software is reported with the key that does the same here", () => {
  const ofRoutes: readonly [given: string, meant: string][] = [
    ["strip_path", "rewrite"],
    ["pathRewrite", "rewrite"],
    ["proxy_set_header", "requestHeaders"],
    ["client_max_body_size", "maxBodyBytes"],
    ["proxy_read_timeout", "timeouts.idle"],
    ["rateLimit", "limits"],
    ["circuitBreaker", "breaker"],
    ["ws", "websocket"],
  ];
  for (const [given, meant] of ofRoutes) {
    test(`${given} of a route`, () => {
      const expected = [`\`routes\`[0] /a \`${given}\` is unknown: did you mean \`${meant}\`?`];
      assert.deepEqual(problems({ routes: [{ ...route, [given]: "x" }] }), expected);
    });
  }

  test("a service and a path under other names are not reported as missing too", () => {
    const [problem, ...more] = problems({ routes: [{ location: "/a", proxy_pass: "http://a:1" }] });
    assert.equal(problem, "`routes`[0] `location` is unknown: did you mean `path`?");
    assert.deepEqual(more, ["`routes`[0] `proxy_pass` is unknown: did you mean `upstream`?"]);
  });

  test("a limit of a route", () => {
    assert.deepEqual(problems({ routes: [{ ...route, limits: [{ requests: 1, window: 5 }] }] }), [
      "`routes`[0] /a `limits[0].window` is unknown: did you mean `limits[0].windowSeconds`?",
    ]);
  });

  const ofFiles: readonly [content: object, given: string, meant: string][] = [
    [{ port: 9_000 }, "port", "server.port"],
    [{ trust_proxy: true }, "trust_proxy", "server.trustedProxies"],
    [{ server: { realIpFrom: "10.0.0.0/8" } }, "server.realIpFrom", "server.trustedProxies"],
    [{ rateLimit: { max: 5 } }, "rateLimit.max", "rateLimit.requests"],
    [{ rateLimit: { windowMs: 5 } }, "rateLimit.windowMs", "rateLimit.windowSeconds"],
    [{ cors: { allow_origins: ["*"] } }, "cors.allow_origins", "cors.origins"],
    [{ model_list: [] }, "model_list", "routes"],
  ];
  for (const [content, given, meant] of ofFiles) {
    test(`${given} of a file`, () => {
      const [problem = "", ...more] = problems(content);
      assert.ok(problem.startsWith(`\`${given}\` in `) && problem.endsWith(` is unknown: did you mean \`${meant}\`?`), problem);
      assert.deepEqual(more, []);
    });
  }

  test("a service that the gateway does not know belongs to a route", () => {
    assert.match(problems({ services: { billing: "http://a:1" } })[0] ?? "", /is unknown: .* the `upstream` of an entry of `routes`$/);
  });
});

test("every key that is suggested exists", () => {
  const known = new Set(settings.flatMap(({ key }) => key.split(".")));
  JSON.stringify(routeSchema, (name, value: unknown) => (known.add(name), value));
  const suggested = Object.values(foreignNames).flat();
  assert.deepEqual(
    suggested.filter((key) => !key.split(".").every((name) => known.has(name))),
    [],
  );
});
