import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inspect } from "node:util";

import { authenticated, authenticationFailed, createApiKey } from "@aivillage/api-key-auth";
import { problemSent } from "@aivillage/problem-details";

import { keysFolder } from "./keys-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const apiKey = "canary-of-the-configuration-0123456789";
const secretKey = "canary-of-the-signature-0123456789-abcdef";

function sign(claims: object, secret: string): string {
  const parts = [{ alg: "HS256", typ: "JWT" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  return `${parts.join(".")}.${createHmac("sha256", secret).update(parts.join(".")).digest("base64url")}`;
}

/** Messages of events without the request, whose headers are the client's own. */
function withoutRequest(message: object): unknown {
  return Object.fromEntries(Object.entries(message).filter(([name]) => name !== "req"));
}

test("planted secrets appear in no log line, event, metric, response, and in no file", async () => {
  using keys = keysFolder();
  const ada = await keys.create("ada", "--scope", "query");
  const gone = await keys.create("gone");
  const away = await keys.create("away", "--address", "203.0.113.9");
  await keys.run(["revoke", gone.keyId]);
  const guess = createApiKey().key;
  const exp = Math.floor(Date.now() / 1_000) + 60;
  const token = sign({ sub: "eve", exp, scope: "query" }, secretKey);
  const forged = sign({ sub: "eve", exp }, "canary-of-a-forger-0123456789-abcdefghij");
  const secrets = [apiKey, secretKey, ada.key, gone.key, away.key, guess, token, forged];
  const planted = secrets.flatMap((secret) => [secret, secret.slice(-24), Buffer.from(secret).toString("base64").slice(0, 24)]);

  const seen: string[] = [];
  const note = (value: unknown): void => void seen.push(inspect(value, { depth: 8, showHidden: true, customInspect: false }));
  const stops = [
    authenticated.subscribe((message) => note(withoutRequest(message))),
    authenticationFailed.subscribe((message) => note(withoutRequest(message))),
    problemSent.subscribe((message) => note(withoutRequest(message))),
  ];
  await using gateway = await startTestGateway({ API_KEY: apiKey, SECRET_KEY: secretKey, API_KEYS_FILE: keys.path });
  const statuses: number[] = [];
  const send = async (path: string, authorization?: string, method = "POST"): Promise<void> => {
    const headers = { "content-type": "application/json", ...(authorization !== undefined && { authorization }) };
    const body = method === "POST" ? { body: JSON.stringify({ query: "hello" }) } : {};
    const response = await fetch(gateway.url + path, { method, headers, ...body });
    statuses.push(response.status);
    note([...response.headers]);
    seen.push(await response.text());
  };
  for (const secret of secrets) await send("/v1/query", `Bearer ${secret}`);
  assert.deepEqual(statuses, [200, 401, 200, 401, 401, 401, 200, 401]);
  for (const secret of secrets) {
    await send(`/v1/query?access_token=${secret}`);
    await send(`/v1/query?x=${secret}`, `Bearer ${secret}`);
    await send(`/v1/chat`, `Bearer ${secret} ${secret}`);
    await send(`/?key=${secret}`, undefined, "GET");
    await send(`/none/${secret.slice(0, 3)}?k=${secret}`, `Basic ${secret}`, "GET");
  }
  await send("/metrics", undefined, "GET");
  for (const stop of stops) stop();
  note(gateway.log);
  seen.push(readFileSync(keys.path, "utf8"));

  assert.ok(gateway.log.length >= 40 && seen.length > 100);
  const everything = seen.join("\n");
  assert.ok(everything.includes(ada.keyId), "the key id is public and is seen");
  assert.deepEqual(
    planted.filter((secret) => everything.includes(secret)),
    [],
  );
});
