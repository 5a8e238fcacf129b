import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { eventually, startDownstream } from "@aivillage/testing";
import { jwtVerify } from "jose";
import { stringify } from "yaml";

import { redactConfig } from "../src/config/redact-config.ts";
import { loadConfig } from "../src/index.ts";
import { configFile, problemsOf } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-headers-"));
after(() => rmSync(folder, { recursive: true }));
const startWith = (document: object) => startTestGateway({ CONFIG_FILE: configFile(document) });
let files = 0;
const secretFile = (text: string): string => {
  const path = join(folder, `secret-${(files += 1)}`);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

describe("request headers of a route", () => {
  test("come from the configuration, a file or a variable, and replace the client's own", async () => {
    process.env["TEST_UPSTREAM_TENANT"] = "tenant-of-the-variable";
    await using service = await startDownstream();
    const requestHeaders = {
      authorization: { file: secretFile("sk-of-the-file\n"), prefix: "Bearer " },
      "x-tenant-id": { env: "TEST_UPSTREAM_TENANT" },
      "X-Mode": "fast",
      "user-agent": false,
    };
    await using gateway = await startWith({ routes: [{ path: "/a", upstream: [service.url], requestHeaders }] });
    await (await fetch(`${gateway.url}/a`, { headers: { ...gateway.authorization, "x-tenant-id": "mine", "x-mode": "slow" } })).text();
    const { headers } = service.received[0] ?? {};
    assert.equal(headers?.authorization, "Bearer sk-of-the-file");
    assert.equal(headers?.["x-tenant-id"], "tenant-of-the-variable");
    assert.equal(headers?.["x-mode"], "fast");
    assert.equal(headers?.["user-agent"], undefined);
    delete process.env["TEST_UPSTREAM_TENANT"];
  });

  test("follow their file, and keep the last value while it is empty", async () => {
    await using service = await startDownstream();
    const file = secretFile("first");
    await using gateway = await startWith({
      routes: [{ path: "/a", public: true, upstream: [service.url], requestHeaders: { "api-key": { file } } }],
    });
    const sent = async () => {
      await (await fetch(`${gateway.url}/a`)).text();
      return service.received.at(-1)?.headers["api-key"];
    };
    assert.equal(await sent(), "first");
    writeFileSync(file, "second");
    await eventually(async () => (await sent()) === "second", "the new value is sent");
    writeFileSync(file, "");
    await eventually(() => gateway.log.some(({ message }) => message.startsWith("invalid secret file")), "the empty file is reported");
    assert.equal(await sent(), "second");
    assert.ok(!JSON.stringify(gateway.log).includes("second"));
  });

  test("pass on what a client sends where the route says so", async () => {
    await using service = await startDownstream();
    const route = { path: "/a", upstream: [service.url], forwardCookies: true, requestHeaders: { "x-user-id": true } };
    await using gateway = await startWith({ routes: [route] });
    await (await fetch(`${gateway.url}/a`, { headers: { ...gateway.authorization, cookie: "s=1", "x-user-id": "7" } })).text();
    const { headers } = service.received[0] ?? {};
    assert.deepEqual([headers?.cookie, headers?.["x-user-id"], headers?.authorization], ["s=1", "7", undefined]);
  });
});

describe("the client's own credentials", () => {
  test("reach the service of a public route, and a key of the gateway does not", async () => {
    await using service = await startDownstream();
    const route = { path: "/a", public: true, upstream: [service.url], forwardAuthorization: true, requestHeaders: { "x-api-key": true } };
    await using gateway = await startWith({ routes: [route] });
    const sent = async (headers: Record<string, string>) => {
      assert.equal((await fetch(`${gateway.url}/a`, { headers })).status, 200);
      const got = service.received.at(-1)?.headers;
      return [got?.authorization, got?.["x-api-key"]];
    };
    const { authorization } = gateway.authorization;
    assert.deepEqual(await sent({ authorization: "Bearer sk-client", "x-api-key": "sk-2" }), ["Bearer sk-client", "sk-2"]);
    assert.deepEqual(await sent({ authorization: "Basic dTpw" }), ["Basic dTpw", undefined]);
    assert.deepEqual(await sent({ authorization, "x-api-key": authorization.slice(7) }), [undefined, undefined]);
    const basic = `Basic ${Buffer.from(`${authorization.slice(7)}:`).toString("base64")}`;
    for (const hidden of [authorization.replace(" ", "\t"), `Token token="${authorization.slice(7)}"`, basic]) {
      assert.deepEqual(await sent({ authorization: hidden, "x-api-key": hidden }), [undefined, undefined], hidden.slice(0, 8));
    }
  });

  test("are no guesses of a key of the gateway", async () => {
    await using service = await startDownstream();
    await using gateway = await startWith({
      routes: [{ path: "/a", public: true, upstream: [service.url], forwardAuthorization: true }],
    });
    const ask = (index: number) => fetch(`${gateway.url}/a`, { headers: { authorization: `Bearer sk-${index}` } });
    for (let index = 0; index < 40; index += 1) assert.equal((await ask(index)).status, 200);
    assert.equal(gateway.log.filter(({ message }) => message === "penalty changed").length, 0);
  });
});

describe("the identity of a client", () => {
  test("is reported in headers that no client can send itself", async () => {
    await using service = await startDownstream();
    const upstream = [service.url];
    await using gateway = await startWith({
      routes: [
        { path: "/told", upstream, public: true, identity: "headers" },
        { path: "/untold", upstream, public: true },
      ],
    });
    const forged = {
      "x-gateway-principal": "key:admin",
      "x-gateway-scopes": "*",
      "x-gateway-tier": "premium",
      x_gateway_principal: "key:x",
    };
    const told = async (path: string, headers: Record<string, string>) => {
      await (await fetch(gateway.url + path, { headers: { ...forged, ...headers, "x-request-id": "request-1" } })).text();
      const got = service.received.at(-1)?.headers ?? {};
      return Object.fromEntries(Object.entries(got).filter(([name]) => name.replaceAll("_", "-").startsWith("x-gateway-")));
    };
    assert.deepEqual(await told("/told", gateway.authorization), {
      "x-gateway-principal": "key:default",
      "x-gateway-tier": "authenticated",
      "x-gateway-scopes": "*",
      "x-gateway-request-id": "request-1",
    });
    assert.deepEqual(await told("/told", {}), { "x-gateway-tier": "anonymous", "x-gateway-request-id": "request-1" });
    assert.deepEqual(await told("/untold", gateway.authorization), {});
  });

  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const shared = "0123456789abcdef0123456789abcdef";
  const cases: readonly [name: string, text: string, key: KeyObject | Uint8Array, algorithm: string][] = [
    ["a private key", privateKey.export({ type: "pkcs8", format: "pem" }).toString(), publicKey, "EdDSA"],
    ["a shared secret", shared, Buffer.from(shared), "HS256"],
  ];
  for (const [name, text, key, algorithm] of cases) {
    test(`is reported in a token that is signed with ${name}`, async () => {
      await using service = await startDownstream();
      const identity = { keyFile: secretFile(text), audience: "notes", lifetimeSeconds: 30 };
      await using gateway = await startWith({ routes: [{ path: "/a", upstream: [service.url], identity }] });
      const headers = { ...gateway.authorization, "x-gateway-identity": "forged" };
      assert.equal((await fetch(`${gateway.url}/a`, { headers })).status, 200);
      const token = String(service.received[0]?.headers["x-gateway-identity"]);
      const { payload } = await jwtVerify(token, key, { issuer: "aivillage-gateway", audience: "notes", algorithms: [algorithm] });
      assert.equal(payload.sub, "key:default");
      assert.equal(payload["tier"], "authenticated");
      assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 30);
    });
  }

  test("is signed with the last good key while its file holds none that can sign", async () => {
    await using service = await startDownstream();
    const keyFile = secretFile(shared);
    await using gateway = await startWith({ routes: [{ path: "/a", upstream: [service.url], identity: { keyFile } }] });
    writeFileSync(keyFile, "-----BEGIN PRIVATE KEY-----\nhalf of a key");
    const reason = "holds no key that can sign: the key is not a private key in PEM";
    await eventually(() => JSON.stringify(gateway.log).includes(reason), "the bad key is reported", { state: () => gateway.log });
    assert.equal((await fetch(`${gateway.url}/a`, { headers: gateway.authorization })).status, 200);
    await jwtVerify(String(service.received[0]?.headers["x-gateway-identity"]), Buffer.from(shared), { audience: "a" });
  });
});

describe("response headers of a route", () => {
  test("are set and removed", async () => {
    await using service = await startDownstream({ headers: { "x-inner": "1", "cache-control": "public" } });
    const responseHeaders = { "X-Inner": false, "Cache-Control": "no-store", "x-ratelimit-limit": false };
    await using gateway = await startWith({ routes: [{ path: "/a", public: true, upstream: [service.url], responseHeaders }] });
    const { headers } = await fetch(`${gateway.url}/a`);
    assert.deepEqual([headers.get("x-inner"), headers.get("cache-control"), headers.get("x-ratelimit-limit")], [null, "no-store", null]);
  });

  test("of security suit pages by a preset, or are the service's", async () => {
    const policy = "default-src 'self' https://cdn.example";
    await using service = await startDownstream({
      headers: { "content-security-policy": policy, "strict-transport-security": "max-age=0" },
    });
    const route = { public: true, upstream: [service.url] };
    await using gateway = await startWith({
      routes: [
        { path: "/api", ...route },
        { path: "/web", ...route, securityHeaders: "web" },
        { path: "/service", ...route, securityHeaders: "service" },
        { path: "/own", ...route, securityHeaders: { preset: "web", contentSecurityPolicy: { "script-src": ["https://cdn.example"] } } },
      ],
    });
    const headersOf = async (path: string) => (await fetch(gateway.url + path)).headers;
    assert.match((await headersOf("/api")).get("content-security-policy") ?? "", /^default-src 'none'/);
    assert.match((await headersOf("/web")).get("content-security-policy") ?? "", /script-src 'self'; style-src 'self'/);
    assert.match((await headersOf("/own")).get("content-security-policy") ?? "", /script-src https:\/\/cdn\.example/);
    const ofService = await headersOf("/service");
    assert.equal(ofService.get("content-security-policy"), policy);
    assert.match(ofService.get("strict-transport-security") ?? "", /max-age=63072000/);
    assert.equal(ofService.get("x-frame-options"), "DENY", "what the service leaves out stays");
  });
});

describe("what a route may not do with headers", () => {
  const upstream = ["http://a:1"];
  const problemOf = (route: object) =>
    problemsOf({ env: {}, file: configFile({ routes: [{ path: "/a", upstream, ...route }] }) }).join("\n");

  test("is reported with what to do instead, and without the value", () => {
    const secret = "sk-very-secret";
    const cases: readonly [route: object, expected: RegExp][] = [
      [
        { requestHeaders: { authorization: `Bearer ${secret}` } },
        /holds a credential .*: keep it out .* with \{ file: … \} or \{ env: … \}/,
      ],
      [{ requestHeaders: { "x-api-key": { value: secret } } }, /holds a credential/],
      [{ requestHeaders: { authorization: true } }, /set `forwardAuthorization: true` instead/],
      [{ forwardAuthorization: true }, /forwards `forwardAuthorization`, which may hold a key of the gateway: set `public: true`/],
      [{ requestHeaders: { "x-api-key": true } }, /set `public: true`/],
      [{ requestHeaders: { "x-gateway-principal": "root" } }, /which services get from the gateway itself/],
      [{ requestHeaders: { "x-forwarded-for": "1.2.3.4" } }, /which the gateway writes itself/],
      [{ requestHeaders: { "x-a": { env: "NO_SUCH_VARIABLE_HERE" } } }, /the variable NO_SUCH_VARIABLE_HERE is not set/],
      [{ requestHeaders: { "x-a": { file: "/no/such/file" } } }, /\/no\/such\/file cannot be read \(ENOENT\)/],
      [{ requestHeaders: { "x-a": { file: secretFile(`${secret}\n${secret}`) } } }, /characters that no header can hold/],
      [{ requestHeaders: { "x-a": { file: secretFile(" \n") } } }, /is empty/],
      [{ requestHeaders: { "x-a": 5 } }, /must be a text, true to forward/],
      [{ requestHeaders: { "x-a": {} } }, /`requestHeaders\.x-a` must be one of \{ value: … \}, \{ file: … \} and \{ env: … \}/],
      [{ requestHeaders: { "x a": "1" } }, /"x a", which is not a header name/],
      [{ responseHeaders: { "content-length": "1" } }, /describes the content or the connection/],
      [{ responseHeaders: { "access-control-allow-origin": "*" } }, /which `cors` decides/],
      [{ identity: { keyFile: secretFile("short") } }, /at least 32 characters/],
      [{ securityHeaders: { preset: "page" } }, /has an error in `securityHeaders`/],
    ];
    for (const [route, expected] of cases) {
      assert.match(problemOf(route), expected);
      assert.ok(!problemOf(route).includes(secret), problemOf(route));
    }
  });

  test("literal values are not printed", () => {
    const requestHeaders = { "x-mode": "hidden-value", "x-other": { value: "hidden-value", prefix: "A " }, "x-flag": false };
    const printed = stringify(
      redactConfig(loadConfig({ env: {}, file: configFile({ routes: [{ path: "/a", upstream, requestHeaders }] }) })),
    );
    assert.doesNotMatch(printed, /hidden-value/);
    assert.match(printed, /x-mode: "?\[redacted\]/);
    assert.match(printed, /x-flag: false/);
  });
});
