import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test, type TestContext } from "node:test";

import { KeyRing, strayKeys } from "@aivillage/api-key-auth";
import { listen } from "@aivillage/testing";

const key = "the-key-of-ada-0123456789abcdef";

/** A server that responds with what it finds, and asks it by path and headers. */
async function serve(t: TestContext) {
  const ring = new KeyRing([{ id: "ada", secret: key }]);
  const stray = strayKeys({ isKey: (text) => ring.check(text, Date.now()) !== "unknown", carriers: ["authorization", "x-api-key"] });
  const { server, url } = await listen((req, res) => {
    res.end(JSON.stringify({ headers: stray.headersOf(req), target: stray.without(req.url ?? "", req) }));
  });
  t.after(() => server.close());
  return async (path: string, headers: Record<string, string> = {}) =>
    (await (await fetch(url + path, { headers })).json()) as { headers: string[]; target: string };
}

test("headers with a key are named, wherever the key stands in them", async (t) => {
  const ask = await serve(t);
  const { headers } = await ask("/", { "x-note": `use ${key} please`, "x-other": "nothing of the kind", cookie: `a=b; key=${key}` });
  assert.deepEqual(headers, ["x-note", "cookie"]);
});

test("a key is found between signs that it could hold itself", async (t) => {
  const ask = await serve(t);
  const texts = [
    `It is ${key}.`,
    `https://app.example/u/${key}`,
    `/u/${key}/x?y`,
    `${key}/`,
    `../${key}`,
    `-${key}-`,
    `~${key}~`,
    `+${key}+`,
    `...${key}`,
  ];
  for (const text of texts) {
    assert.deepEqual((await ask("/", { "x-note": text })).headers, ["x-note"], text);
    assert.equal((await ask(`/a?note=${encodeURIComponent(text)}&y=2`)).target, "/a?y=2", text);
  }
  assert.deepEqual((await ask("/", { "x-note": `${key}x`, "x-other": `/x${key}/` })).headers, []);
});

test("a key that begins or ends with such a sign is found as it is", async () => {
  const own = "+/the-key-of-ada/+.~-";
  const stray = strayKeys({ isKey: (text) => text === own });
  assert.deepEqual(stray.headersOf({ headers: { "x-note": own } } as unknown as IncomingMessage), ["x-note"]);
});

test("a key is found in a text, and in Basic credentials", () => {
  const stray = strayKeys({ isKey: (text) => text === key });
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
  const withKey = [
    key,
    `Bearer\t${key}`,
    `Token token="${key}"`,
    `Bearer other-token, Bearer ${key}`,
    basic(`${key}:`),
    basic(`ada:${key}`),
  ];
  for (const text of [...withKey, basic(`ada:${key}`).replace("Basic ", "basic  ")]) assert.ok(stray.isIn(text), text);
  for (const text of ["", "Basic", "Basic dTpw", basic(`${key}x:`), `Bearer ${key}x`]) assert.ok(!stray.isIn(text), text);
});

test("a short key is found where credentials stand, and not in the middle of a text", () => {
  const stray = strayKeys({ isKey: (text) => ["key", "ab=="].includes(text) });
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
  const withKey = ["key", "ab==", "Bearer key", "Bearer ab==", "Bearer\tkey", basic("key:"), basic("ada:key")];
  for (const text of withKey) assert.ok(stray.isIn(text), text);
  for (const text of ["Bearer a key", "key of ada", "keys", basic("ada:keys"), basic("key")]) assert.ok(!stray.isIn(text), text);
});

test("the client's own credential is found in other headers too, also a token that is no key", async (t) => {
  const ask = await serve(t);
  const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl";
  const { headers } = await ask("/", { authorization: `Bearer ${token}`, "x-debug": token });
  assert.deepEqual(headers, ["x-debug"]);
  assert.deepEqual((await ask("/", { "x-debug": token })).headers, []);
});

test("members of the query that hold a key are left out, encoded or not", async (t) => {
  const ask = await serve(t);
  const encoded = `%${key.charCodeAt(0).toString(16)}${key.slice(1)}`;
  assert.equal((await ask(`/a?x=1&key=${key}&y=2`)).target, "/a?x=1&y=2");
  assert.equal((await ask(`/a?key=${encoded}`)).target, "/a");
  const asForm = new URLSearchParams({ authorization: `Bearer ${key}`, note: `use ${key} please`, y: "2" });
  assert.equal((await ask(`/a?${asForm.toString()}`)).target, "/a?y=2");
  assert.equal((await ask("/a?x=%&y=2")).target, "/a?x=%&y=2");
  assert.equal((await ask("/a")).target, "/a");
});

test("options are checked", () => {
  assert.throws(() => strayKeys({} as never), { option: "isKey" });
  assert.throws(() => strayKeys({ isKey: () => false, carriers: ["X-Api-Key"] }), { option: "carriers" });
});
