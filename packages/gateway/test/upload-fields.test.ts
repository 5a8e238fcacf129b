import assert from "node:assert/strict";
import { test } from "node:test";

import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

function upload(gateway: TestGateway, { path = "/v1/upload", title = "Quarterly report", name = "a.txt" } = {}): Promise<Response> {
  const form = new FormData();
  form.append("title", title);
  form.append("file", new Blob(["hello"], { type: "text/plain" }), name);
  return fetch(gateway.url + path, { method: "POST", headers: gateway.authorization, body: form });
}

test("the fields of an upload are screened like the text of a query", async () => {
  await using gateway = await startTestGateway();
  assert.equal((await upload(gateway)).status, 200);
  const before = gateway.knowledgeSystem.received.length;
  const refused = await upload(gateway, { title: "' OR 1=1 --" });
  assert.equal(refused.status, 422);
  const problem = (await refused.json()) as { type: string; errors: { rule: string; pointer: string }[] };
  assert.match(problem.type, /input-refused/);
  assert.equal(problem.errors[0]?.pointer, "#/title");
  assert.equal(gateway.knowledgeSystem.received.length, before, "nothing reached the service");
  assert.ok(gateway.log.some(({ message }) => message === "input refused"));
});

test("an upload takes no query parameters, as queries and chats take none", async () => {
  await using gateway = await startTestGateway();
  const response = await upload(gateway, { path: "/v1/upload?x=1" });
  assert.equal(response.status, 422);
  assert.match(((await response.json()) as { type: string }).type, /invalid-input/);
  assert.equal(gateway.knowledgeSystem.received.length, 0);
});

test("a name that a server runs is refused", async () => {
  await using gateway = await startTestGateway();
  for (const name of ["a.php7", "a.p%68p", "a.php.txt", "web.config"]) assert.equal((await upload(gateway, { name })).status, 415, name);
});
