import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";

import { codeBlocks, eventually, readFromRoot, root, runProgram, startDownstream } from "@aivillage/testing";

import { configFile } from "./config-support.ts";
import { keysFolder } from "./keys-support.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const blockOf = (page: string, language: string): string =>
  codeBlocks(readFromRoot(`docs/${page}`)).find((block) => block.language === language)?.code ?? "";

/** The bodies that the tutorial sends, in its order. */
const bodiesOf = (page: string): string[] =>
  [...readFromRoot(`docs/${page}`).matchAll(/^curl .*-d '(.+)'$/gm)].map(([, body = ""]) => body);

describe("docs/start/first-service.md", () => {
  const page = "start/first-service.md";

  async function start(t: TestContext): Promise<TestGateway> {
    const folder = mkdtempSync(join(tmpdir(), "aivillage-tutorial-"));
    const file = join(folder, "notes.mjs");
    writeFileSync(file, blockOf(page, "mjs"));
    const service = runProgram(file, { cwd: root });
    t.after(() => service.stop());
    t.after(() => rmSync(folder, { recursive: true }));
    const port = await service.port;
    assert.ok(port !== undefined, service.output());
    const yaml = blockOf(page, "yaml").replaceAll("http://127.0.0.1:9000", `http://127.0.0.1:${port}`);
    const gateway = await startTestGateway({ CONFIG_FILE: configFile(yaml), HEALTH_CHECK_INTERVAL: "1" });
    t.after(() => gateway[Symbol.asyncDispose]());
    return gateway;
  }

  test("protects the service as its steps say", async (t) => {
    const gateway = await start(t);
    const [fitting = "", other = ""] = bodiesOf(page);
    assert.equal((await fetch(`${gateway.url}/v1/notes`)).status, 401);
    const stored = await gateway.post("/v1/notes", JSON.parse(fitting));
    assert.deepEqual([stored.status, await stored.json()], [200, { notes: ["buy milk"] }]);
    const refused = await gateway.post("/v1/notes", JSON.parse(other));
    assert.equal(refused.status, 422);
    const { errors } = (await refused.json()) as { errors: unknown[] };
    assert.ok(errors.length > 0);
    const listed = await fetch(`${gateway.url}/v1/notes`, { headers: gateway.authorization });
    assert.deepEqual(await listed.json(), { notes: ["buy milk"] });
    await gateway.post("/v1/notes", JSON.parse(fitting));
    const limited = await gateway.post("/v1/notes", JSON.parse(fitting));
    assert.equal(limited.status, 429);
    assert.ok(Number(limited.headers.get("retry-after")) > 0);
  });

  test("shows the service in the health report, without those that are not used", async (t) => {
    const gateway = await start(t);
    await eventually(async () => {
      const report = (await (await fetch(`${gateway.url}/healthz`)).json()) as {
        status: string;
        services: Record<string, { status: string }>;
      };
      assert.equal(report.services["v1.notes"]?.status, "healthy");
      assert.equal(report.status, "healthy");
      return true;
    }, "the service is probed");
  });
});

test("the tiers of docs/guides/limits-by-plan.md limit keys that its commands create", async () => {
  const page = "guides/limits-by-plan.md";
  await using reports = await startDownstream();
  using keys = keysFolder();
  const commands = [...readFromRoot(`docs/${page}`).matchAll(/^aivillage-gateway keys create (.+) --file keys\.yaml$/gm)];
  const [premium, basic] = await Promise.all(commands.map(([, args = ""]) => keys.create(...args.split(" "))));
  assert.ok(premium !== undefined && basic !== undefined);
  const yaml = blockOf(page, "yaml").replace("http://reports:9000", reports.url);
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile(yaml), API_KEYS_FILE: keys.path, RATE_LIMIT_REQUESTS: "60" });
  const report = (key: string): Promise<Response> =>
    fetch(`${gateway.url}/v1/reports`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body: "a report" });
  const refused = await report(basic.key);
  assert.equal(refused.status, 403);
  assert.match(((await refused.json()) as { type: string }).type, /insufficient-tier/);
  assert.match(refused.headers.get("ratelimit-policy") ?? "", /q=300;w=60/);
  const accepted = await report(premium.key);
  assert.equal(accepted.status, 200);
  const policies = accepted.headers.get("ratelimit-policy") ?? "";
  assert.ok(policies.includes("q=3000;w=60") && policies.includes("q=10;w=3600"), policies);
});

test("the origins and headers of docs/guides/browser-app.md pass a preflight, and no others", async () => {
  const yaml = blockOf("guides/browser-app.md", "yaml");
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile(yaml) });
  const allowed = async (origin: string): Promise<string | null> => {
    const headers = { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization,x-tenant" };
    const response = await fetch(`${gateway.url}/v1/query`, { method: "OPTIONS", headers });
    assert.match(response.headers.get("access-control-allow-headers") ?? "", /x-tenant/i);
    return response.headers.get("access-control-allow-origin");
  };
  assert.equal(await allowed("https://app.example"), "https://app.example");
  assert.equal(await allowed("https://pr-7.preview.app.example"), "https://pr-7.preview.app.example");
  assert.equal(await allowed("https://evil.example"), null);
});
