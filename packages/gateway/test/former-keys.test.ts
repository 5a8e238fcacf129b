import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { listen } from "@aivillage/testing";

import { loadConfig } from "../src/config/load-config.ts";
import { configWarnings } from "../src/config/rules/config-warnings.ts";
import { configFile, problemsOf } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const upstream = ["http://notes:9000"];

function read(route: object) {
  const config = loadConfig({ env: {}, file: configFile({ routes: [{ path: "/own/{id}", upstream, ...route }] }) });
  return { route: config.routes[0], warnings: configWarnings(config).filter(({ rule }) => rule === "former-name") };
}

describe("keys of a route under their former names", () => {
  test("upstreamPath is rewrite, and a start warns of it", () => {
    const { route, warnings } = read({ upstreamPath: "/files/{id}" });
    assert.equal(route?.rewrite, "/files/{id}");
    const text = "`routes`[0] /own/{id} `upstreamPath` has a new name: write `rewrite`";
    assert.deepEqual(warnings, [{ rule: "former-name", text }]);
  });

  test("timeoutSeconds bounds the head of the response and each silence in it", () => {
    const { route, warnings } = read({ timeoutSeconds: 7 });
    assert.deepEqual(route?.timeouts, { headers: "7s", idle: "7s" });
    assert.match(warnings[0]?.text ?? "", /`timeoutSeconds` has a new name: write `timeouts`/);
  });

  test("the present name wins", () => {
    const { route } = read({ upstreamPath: "/old/{id}", rewrite: "/new/{id}", timeoutSeconds: 7, timeouts: { total: "3s" } });
    assert.deepEqual([route?.rewrite, route?.timeouts], ["/new/{id}", { total: "3s" }]);
  });

  test("a route with present names alone is not warned of", () => {
    assert.deepEqual(read({ rewrite: "/files/{id}" }).warnings, []);
  });

  test("what is wrong with the value is reported under the present name", () => {
    const file = configFile({ routes: [{ path: "/own/{id}", upstream, upstreamPath: "/files/{nobody}" }] });
    assert.deepEqual(problemsOf({ env: {}, file }), ["`routes`[0] /own/{id} has {nobody} in `rewrite`, but not in `path`"]);
  });

  test("a request arrives at the path that the former name gives", async () => {
    await using service = await listen((req, res) => void res.end(req.url));
    const file = configFile({ routes: [{ path: "/own/{id}", upstream: [service.url], public: true, upstreamPath: "/files/{id}" }] });
    await using gateway = await startTestGateway({ CONFIG_FILE: file });
    assert.equal(await (await fetch(`${gateway.url}/own/7`)).text(), "/files/7");
  });
});
