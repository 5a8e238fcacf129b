import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { ownPaths, servicePaths } from "../src/config/settings/built-in-paths.ts";
import { builtInEndpoints } from "../src/endpoints/built-in.ts";
import { endpointsOf } from "../src/endpoints/endpoints.ts";
import { ConfigError, loadConfig } from "../src/index.ts";
import { configFile } from "./config-support.ts";

const upstream = ["http://notes:9000"];
const load = (document: object, env: Record<string, string> = {}) => loadConfig({ env, file: configFile(document) });
const problemsOf = (...routes: object[]): readonly string[] => {
  try {
    load({ routes });
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
};

describe("the table of endpoints", () => {
  test("has every built-in path, whether it is switched on or off, and no configured route can take one", () => {
    const off = { ENABLE_METRICS: "false", ENABLE_FILE_UPLOAD: "false", ENVIRONMENT: "staging" };
    const paths = builtInEndpoints(load({}, off)).map(({ path }) => path);
    assert.deepEqual(paths.filter((path) => !path.startsWith("/docs/")).toSorted(), [...ownPaths, ...servicePaths].toSorted());
    // The form of a configured path leaves `/` out.
    for (const path of paths.filter((each) => each !== "/"))
      assert.match(problemsOf({ path, upstream })[0] ?? "", /is a? ?built[- ]in/, path);
  });

  test("has what a configuration switches on, and in it built-in and configured endpoints are alike", () => {
    const config = load({
      routes: [
        { path: "/v1/notes/{id}", methods: ["GET", "PUT"], upstream, scopes: ["notes"], body: "stream" },
        { path: "/v1/chat", tiers: ["premium"], limits: [{ requests: 2 }] },
      ],
      features: { metrics: false },
    });
    const endpoints = new Map(endpointsOf(config).map((endpoint) => [endpoint.path, endpoint]));
    assert.equal(endpoints.has("/metrics"), false);
    assert.equal(endpoints.has("/query"), false);
    assert.deepEqual(endpoints.get("/v1/chat")?.access, { scopes: ["chat"], tiers: ["premium"], limits: [{ requests: 2 }] });
    const { methods, access, input } = endpoints.get("/v1/notes/{id}") ?? {};
    assert.deepEqual([methods, access?.scopes, input?.body], [["GET", "PUT"], ["notes"], "stream"]);
  });

  test("has the paths of the Python gateway where they are switched on and no configured route takes them", () => {
    const config = load({ features: { legacyPaths: true, fileUpload: false }, routes: [{ path: "/query", upstream }] });
    const moved = endpointsOf(config).filter(({ access }) => access?.isUnlimited === true);
    assert.deepEqual(
      moved.map(({ path, methods }) => `${methods.join()} ${path}`).filter((text) => !/z$|metrics$/.test(text)),
      ["GET /status", "POST /chat", "POST /upload"],
    );
    assert.deepEqual(endpointsOf(config).find(({ path }) => path === "/query")?.methods, ["GET"]);
  });
});

describe("a path that an operator cannot have", () => {
  test("is reported with another that is free", () => {
    assert.deepEqual(problemsOf({ path: "/healthz", upstream }), [
      "`routes`[0] /healthz is a built-in path that cannot be changed: choose another, such as /v1/healthz, or set `host`",
    ]);
  });

  test("is reported with the route that has it already", () => {
    assert.deepEqual(problemsOf({ path: "/a/{x}", upstream }, { path: "/b", upstream }, { path: "/a/{y}", upstream }), [
      "`routes`[2] /a/{y} takes GET of the path that `routes`[0] /a/{x} takes too: keep one, or give them different `methods`",
    ]);
  });

  test("is reported with the built-in path that its policy may be meant for", () => {
    assert.deepEqual(problemsOf({ path: "/v1/qeury", limits: [{ requests: 1 }] }), [
      "`routes`[0] /v1/qeury needs `upstream`, a list of origins such as http://notes:9000, or is meant as the policy of /v1/query: correct its path",
    ]);
  });
});
