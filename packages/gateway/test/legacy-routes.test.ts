import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { startDownstream } from "@aivillage/testing";
import { stringify } from "yaml";

import { startTestGateway } from "./start-test-gateway.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-legacy-"));
after(() => rmSync(folder, { recursive: true }));

test("a configured route wins over the old path that it names, and the other old paths stay", async () => {
  await using own = await startDownstream({ body: { mine: true } });
  const file = join(folder, "gateway.yaml");
  writeFileSync(file, stringify({ routes: [{ path: "/query", upstream: [own.url] }] }));
  await using gateway = await startTestGateway({ ENABLE_LEGACY_PATHS: "true", CONFIG_FILE: file });
  const ask = (path: string, method: string): Promise<Response> =>
    fetch(gateway.url + path, { method, headers: gateway.authorization, redirect: "manual" });
  assert.deepEqual(await (await ask("/query", "GET")).json(), { mine: true });
  const posted = await ask("/query", "POST");
  assert.deepEqual([posted.status, posted.headers.get("allow")], [405, "GET, HEAD"]);
  await posted.text();
  assert.equal((await ask("/chat", "POST")).headers.get("location"), "/v1/chat");
});
