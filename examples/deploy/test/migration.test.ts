import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { loadConfig, startGateway } from "@aivillage/gateway";
import { readFromRoot, startDownstream, tableRows, eventually } from "@aivillage/testing";

const page = readFromRoot("docs/from-the-python-gateway.md");
const rows = tableRows(page).map((cells) => cells.map((cell) => cell.replaceAll("`", "")));
const apiKey = "a-key-for-the-tests-of-this-kit";
const nothing = (): void => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

async function start(legacyPaths: boolean) {
  const stack = new AsyncDisposableStack();
  const service = stack.use(await startDownstream());
  const services = { TWIN_URL: service.url, AGENT_CONTROLLER_URL: service.url, KNOWLEDGE_SYSTEM_URL: service.url };
  const env = { GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0", API_KEY: apiKey, ENABLE_LEGACY_PATHS: String(legacyPaths), ...services };
  const gateway = await startGateway(loadConfig({ env }), { logger: silent, drainMs: 100 });
  stack.defer(() => gateway.close());
  return { url: gateway.url, service, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test("every variable of the page is one of the gateway, with the default that it has", () => {
  const defaults = new Map(
    tableRows(readFromRoot("docs/configuration.md")).map(([name = "", , value = ""]) => [
      name.replaceAll("`", ""),
      value.replaceAll("`", ""),
    ]),
  );
  const variables = rows.filter(([name = ""]) => /^[A-Z][A-Z_]+$/.test(name));
  assert.equal(variables.length, 19);
  for (const [name = "", value] of variables) assert.equal(value, defaults.get(name), name);
});

describe("the old paths", () => {
  const paths = rows.filter(([path = "", method = ""]) => path.startsWith("/") && /^[A-Z]+$/.test(method)) as [
    string,
    string,
    string,
    string,
  ][];
  const moved = paths.filter(([, , , status]) => status === "308");

  test("respond as the page says", async () => {
    await using gateway = await start(true);
    assert.equal(moved.length, 4);
    for (const [path, method, to] of moved) {
      const { status, headers } = await fetch(`${gateway.url}${path}?a=1`, { method, redirect: "manual" });
      assert.deepEqual([status, headers.get("location")], [308, `${to}?a=1`]);
      assert.equal(headers.get("link"), `<${to}>; rel="successor-version"`);
      const deprecatedAt = Number(/^@(\d+)$/.exec(headers.get("deprecation") ?? "")?.[1]) * 1_000;
      assert.ok(Date.parse(headers.get("sunset") ?? "") > deprecatedAt);
    }
    assert.deepEqual(
      paths.filter((row) => !moved.includes(row)).map(([path]) => path),
      ["/healthz"],
    );
    // On a busy machine the first probes may miss their deadline.
    await eventually(async () => (await fetch(`${gateway.url}/healthz`)).status === 200, "the services are healthy");
  });

  test("are gone without ENABLE_LEGACY_PATHS", async () => {
    await using gateway = await start(false);
    for (const [path, method] of moved) assert.equal((await fetch(gateway.url + path, { method })).status, 404);
  });

  test("bring the request of a client that follows to the service, and are counted", async () => {
    await using gateway = await start(true);
    const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
    const body = JSON.stringify({ query: "What is the capital of France?" });
    const response = await fetch(`${gateway.url}/query`, { method: "POST", headers, body });
    assert.equal(response.status, 200);
    const received = gateway.service.received.find(({ url }) => url === "/v1/query");
    assert.deepEqual(JSON.parse(String(received?.body)), JSON.parse(body));
    const scraped = await (await fetch(`${gateway.url}/metrics`)).text();
    assert.match(scraped, /^gateway_requests_total\{method="POST",endpoint="\/query",status="308"\} 1$/m);
  });
});
