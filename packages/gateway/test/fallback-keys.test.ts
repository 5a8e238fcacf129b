import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";

import { deadUrl, type Downstream, eventually, listen, startDownstream, temporaryFile } from "@aivillage/testing";
import { startFakeProvider } from "@aivillage/testing/fake-provider";
import OpenAI from "openai";

import { configFile, problemsOf } from "./config-support.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const keyOfA = "sk-provider-a-0123456789";
const keyOfB = "sk-provider-b-0123456789";
const env = "FALLBACK_TEST_PROJECT";
process.env[env] = "project-of-a";

/** A file that holds a key. */
function keyFile(key: string) {
  const file = temporaryFile("key");
  writeFileSync(file.path, `${key}\n`, { mode: 0o600 });
  return file;
}

const startWith = (...routes: object[]): Promise<TestGateway> =>
  startTestGateway({ CONFIG_FILE: configFile({ routes }), API_KEY_CARRIERS: "authorization" });

const ask = (gateway: TestGateway, headers: Record<string, string> = {}, path = "/v1/chat/completions"): Promise<Response> =>
  fetch(gateway.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...gateway.authorization, ...headers },
    body: JSON.stringify({ model: "made-up", stream: true, messages: [{ role: "user", content: "Hello there" }] }),
  });

const received = ({ received: requests }: Downstream): string => JSON.stringify(requests.map(({ rawHeaders, url }) => [rawHeaders, url]));

/** The fallback has the same limits, so only the cases that wait for them have short ones. */
const [patient, quick] = ["60s", "2s"];

/** Every way in which a call leaves the first service, which has got its credentials, with the time that each service has. */
const waysOut: readonly (readonly [string, string, () => Promise<{ url: string; headers: object[] } & AsyncDisposable>])[] = [
  ["a failed connection", patient, async () => ({ url: await deadUrl(), headers: [], [Symbol.asyncDispose]: () => Promise.resolve() })],
  ...(
    [
      ["a 503", patient, { status: 503 }],
      ["a reset", patient, { reset: "before-head" }],
      ["a stream without a first event", quick, { sse: { events: ["late"], everyMs: 6_000 } }],
      ["a silence before the head", quick, { hang: true }],
    ] as const
  ).map(([name, limit, script]) => {
    const serve = async () => {
      const service = await startDownstream(script);
      const headers: object[] = [];
      return {
        url: service.url,
        get headers() {
          return headers.concat(service.received.map((each) => each.headers));
        },
        [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
      };
    };
    return [name, limit, serve] as const;
  }),
];

describe("a fallback at another origin", () => {
  for (const [name, limit, serveFirst] of waysOut) {
    test(`gets its own key and no credential of the first service after ${name}`, async () => {
      await using a = await serveFirst();
      await using b = await startDownstream();
      using fileA = keyFile(keyOfA);
      using fileB = keyFile(keyOfB);
      const route = {
        upstream: [a.url],
        ai: "openai-chat",
        upstreamKeyFile: fileA.path,
        requestHeaders: { "X-Project": { env }, "X-Second-Key": { file: fileA.path }, "X-Tenant": "acme" },
        timeouts: { headers: limit, firstEvent: limit },
      };
      await using gateway = await startWith(
        { ...route, path: "/v1/chat/completions", fallback: [{ upstream: [b.url], keyFile: fileB.path, keyHeader: "api-key" }] },
        { ...route, path: "/without", fallback: [{ upstream: [b.url] }] },
      );
      assert.equal((await ask(gateway)).status, 200);
      assert.equal((await ask(gateway, {}, "/without")).status, 200);
      assert.equal(b.received.length, 2);
      assert.doesNotMatch(received(b), /provider-a|project-of-a/);
      const [own, none] = b.received.map(({ headers }) => headers);
      assert.deepEqual([own?.["api-key"], own?.authorization, own?.["x-tenant"]], [keyOfB, undefined, "acme"]);
      assert.deepEqual([none?.["api-key"], none?.authorization, none?.["x-tenant"]], [undefined, undefined, "acme"]);
      for (const headers of a.headers) assert.match(JSON.stringify(headers), /project-of-a.*Bearer sk-provider-a/);
      assert.doesNotMatch(JSON.stringify(gateway.log), /sk-provider|project-of-a/);
    });
  }

  test("gets no key of the client for the first service, no cookie and no identity token", async () => {
    await using b = await startDownstream();
    using identity = keyFile("a secret of more than thirty-two characters");
    const route = { path: "/open", methods: ["POST"], body: "stream", upstream: [await deadUrl()], public: true };
    const client = {
      forwardAuthorization: true,
      forwardCookies: true,
      requestHeaders: { "x-goog-api-key": true },
      identity: { keyFile: identity.path },
    };
    await using gateway = await startWith(
      { ...route, ...client, fallback: [{ upstream: [b.url] }] },
      { ...route, ...client, path: "/shared", fallback: [{ upstream: [b.url], shareCredentials: true }] },
    );
    const own = { authorization: "Bearer clients-key", cookie: "session=clients-key", "x-goog-api-key": "clients-key" };
    assert.equal((await ask(gateway, own, "/open")).status, 200);
    assert.doesNotMatch(received(b), /clients-key|x-gateway-identity/i);
    assert.equal((await ask(gateway, own, "/shared")).status, 200);
    const { authorization, cookie, "x-goog-api-key": third, "x-gateway-identity": token } = b.received[1]?.headers ?? {};
    assert.deepEqual([authorization, cookie, third], [own.authorization, own.cookie, "clients-key"]);
    assert.match(String(token), /^ey/);
  });

  test("gets a new key when its file changes, and the previous one while the file is not valid", async () => {
    await using b = await startDownstream();
    using file = keyFile(keyOfB);
    const fallback = [{ upstream: [b.url], keyFile: file.path }];
    await using gateway = await startWith({ path: "/v1/chat/completions", upstream: [await deadUrl()], ai: "openai-chat", fallback });
    const sent = async (): Promise<string | undefined> => {
      await ask(gateway);
      return b.received.at(-1)?.headers.authorization;
    };
    assert.equal(await sent(), `Bearer ${keyOfB}`);
    writeFileSync(file.path, "");
    await eventually(() => gateway.log.some(({ message }) => message.startsWith("invalid secret file")), "the error is logged");
    assert.equal(await sent(), `Bearer ${keyOfB}`);
    writeFileSync(file.path, "sk-new");
    await eventually(async () => (await sent()) === "Bearer sk-new", "the new key is sent");
    assert.doesNotMatch(JSON.stringify(gateway.log), /sk-provider|sk-new/);
  });

  test("serves the official client with a key that it demands", async () => {
    await using full = await listen((_req, res) => void res.writeHead(429).end());
    await using b = await startFakeProvider({ key: keyOfB });
    using fileA = keyFile(keyOfA);
    using fileB = keyFile(keyOfB);
    await using gateway = await startWith({
      path: "/v1/chat/completions",
      upstream: [full.url],
      ai: "openai-chat",
      upstreamKeyFile: fileA.path,
      fallback: [{ upstream: [b.url], keyFile: fileB.path }],
    });
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.authorization.authorization.slice(7), maxRetries: 0 });
    const said = await client.chat.completions.create({ model: "made-up", messages: [{ role: "user", content: "Good day" }] });
    assert.equal(said.choices[0]?.message.content, "Good day");
  });
});

test("a fallback at the same origin keeps the credentials, unless it has its own key", async () => {
  await using service = await startDownstream((request) => ({ status: request.url === "/first" ? 503 : 200 }));
  using fileA = keyFile(keyOfA);
  using fileB = keyFile(keyOfB);
  const route = { upstream: [service.url], rewrite: "/first", methods: ["POST"], body: "stream", upstreamKeyFile: fileA.path };
  const fallback = { upstream: [service.url], path: "/second" };
  await using gateway = await startWith(
    { ...route, path: "/same", fallback: [fallback] },
    { ...route, path: "/own", fallback: [{ ...fallback, keyFile: fileB.path }] },
  );
  for (const path of ["/same", "/own"]) assert.equal((await ask(gateway, {}, path)).status, 200);
  assert.deepEqual(
    service.received.map(({ url, headers }) => [url, headers.authorization]),
    [
      ["/first", `Bearer ${keyOfA}`],
      ["/second", `Bearer ${keyOfA}`],
      ["/first", `Bearer ${keyOfA}`],
      ["/second", `Bearer ${keyOfB}`],
    ],
  );
});

describe("a contradiction in the keys of a fallback is an error of the configuration", () => {
  const upstream = ["http://b:1"];
  for (const [what, entry, expected] of [
    ["a file that is not there", { upstream, keyFile: "/nowhere/key" }, /`fallback\[0\]\.keyFile`.*\/nowhere\/key/],
    ["a header without a key", { upstream, keyHeader: "api-key" }, /`fallback\[0\]\.keyHeader` without `keyFile`/],
    ["an unknown header", { upstream, keyFile: "/nowhere/key", keyHeader: "x-key" }, /keyHeader` must be one of authorization, x-api-key/],
    ["its own key and another's", { upstream, keyFile: "/nowhere/key", shareCredentials: true }, /`keyFile` and `shareCredentials`/],
    ["nothing to share", { upstream, shareCredentials: true }, /gets no credentials: remove it/],
  ] as const) {
    test(what, () => {
      const routes = [{ path: "/v1/chat/completions", upstream: ["http://a:1"], ai: "openai-chat", fallback: [entry] }];
      assert.match(problemsOf({ env: { CONFIG_FILE: configFile({ routes }) } }).join("\n"), expected);
    });
  }

  test("a key that no header can hold", () => {
    using file = keyFile("two\nlines");
    const routes = [{ path: "/a", upstream: ["http://a:1"], fallback: [{ upstream, keyFile: file.path }] }];
    const problems = problemsOf({ env: { CONFIG_FILE: configFile({ routes }) } }).join("\n");
    assert.match(problems, /`fallback\[0\]\.keyFile` that no header can hold/);
    assert.doesNotMatch(problems, /two/);
  });
});
