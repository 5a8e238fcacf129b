/* oxlint-disable typescript/consistent-type-imports -- a type of what `import()` and `require()` load */
// Runs outside the workspace with the packed packages: loads each package twice, as a program that imports it while a library requires it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import type { Event, Handler } from "@aivillage/middleware";

const require = createRequire(import.meta.url);

/** The packages, as ES modules or as CommonJS modules. */
async function load(get: (name: string) => unknown) {
  const part = async <T>(name: string): Promise<T> => (await get(`@aivillage/${name}`)) as T;
  return {
    ...(await part<typeof import("@aivillage/middleware")>("middleware")),
    ...(await part<typeof import("@aivillage/problem-details")>("problem-details")),
    ...(await part<typeof import("@aivillage/request-id")>("request-id")),
    ...(await part<typeof import("@aivillage/client-ip")>("client-ip")),
    ...(await part<typeof import("@aivillage/router")>("router")),
    ...(await part<typeof import("@aivillage/security-headers")>("security-headers")),
    ...(await part<typeof import("@aivillage/api-key-auth")>("api-key-auth")),
    ...(await part<typeof import("@aivillage/api-key-auth/keys-file")>("api-key-auth/keys-file")),
    ...(await part<typeof import("@aivillage/rate-limit")>("rate-limit")),
    ...(await part<typeof import("@aivillage/input-sanitizer")>("input-sanitizer")),
    ...(await part<typeof import("@aivillage/file-upload")>("file-upload")),
    ...(await part<typeof import("@aivillage/downstream-proxy")>("downstream-proxy")),
    ...(await part<typeof import("@aivillage/health-cascade")>("health-cascade")),
    ...(await part<typeof import("@aivillage/http-server")>("http-server")),
    ...(await part<typeof import("@aivillage/metrics")>("metrics")),
    ...(await part<typeof import("@aivillage/access-log")>("access-log")),
  };
}

type Packages = Awaited<ReturnType<typeof load>>;

const imported = await load((name) => import(name));
const required = await load((name) => require(name));

/** A server whose responses end, and the address to ask. */
async function serve(t: { after(end: () => void): void }, listener: RequestListener, server = createServer(listener)): Promise<string> {
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const jsonOf =
  (read: (req: IncomingMessage) => unknown): Handler =>
  (req, res) =>
    void res.end(JSON.stringify(read(req)));
const twice =
  (handler: Handler): Handler =>
  (req, res, next) =>
    handler(req, res, (error) => (error === undefined ? handler(req, res, next) : next(error)));
const isEvent = (value: unknown): value is Event<unknown> =>
  typeof value === "object" && value !== null && "publish" in value && "subscribe" in value;

/** Every pair that shares something: `a` has one kind of modules, `b` the other. */
function testPairs(kinds: string, a: Packages, b: Packages): void {
  test(`${kinds}: the packages are two copies`, () => {
    assert.notEqual(a.HttpProblem, b.HttpProblem);
    assert.notEqual(a.rateLimit, b.rateLimit);
  });

  test(`${kinds}: what a middleware sets on a request, the getters of the other copy read`, async (t) => {
    const values = jsonOf((req) => ({
      id: b.getRequestId(req),
      trace: b.getTraceContext(req)?.traceparent,
      ip: b.getClientIp(req),
      route: b.getRoute(req),
      parameters: b.getPathParameters(req),
      nonce: typeof b.getCspNonce(req),
      principal: b.getPrincipal(req)?.id,
      body: b.getInput(req)?.body,
      left: b.getRateLimit(req)?.policies[0]?.remaining,
    }));
    const handler = a.compose(
      a.requestId(),
      a.clientIp(),
      a.securityHeaders({ preset: "web" }),
      a.apiKeyAuth({ keys: [{ id: "ada", secret: "dev-gateway-key-12345" }], deferRefusal: true }),
      b.requirePrincipal(),
      a.rateLimit({ limit: 10, windowMs: 60_000 }),
      a.sanitizeInput({ body: { type: "object", properties: { query: { type: "string" } }, additionalProperties: false } }),
      a.router({ routes: { "/notes/{id}": { POST: values } } }),
    );
    const url = await serve(t, a.toListener(handler, b.problemDetails()));
    const headers = {
      "Content-Type": "application/json",
      Authorization: "Bearer dev-gateway-key-12345",
      "X-Request-Id": "from-the-client",
    };
    const response = await fetch(`${url}/notes/7`, { method: "POST", headers, body: '{"query":"tides"}' });
    const { trace, id, ...others } = (await response.json()) as Record<string, unknown>;
    assert.match(String(trace), /^00-[0-9a-f]{32}-/);
    assert.equal(id, response.headers.get("x-request-id"));
    assert.deepEqual(others, {
      ip: "127.0.0.1",
      route: "/notes/{id}",
      parameters: { id: "7" },
      nonce: "string",
      principal: "ada",
      body: { query: "tides" },
      left: 9,
    });
  });

  test(`${kinds}: an upload is read by the other copy`, async (t) => {
    const keep: Handler = (req, res, next) => {
      const upload = b.getUpload(req);
      upload?.body.resume();
      void upload?.summary.then((summary) => res.end(JSON.stringify(summary)), next);
    };
    const url = await serve(t, a.toListener(a.compose(a.fileUpload(), keep)));
    const body = new FormData();
    body.append("file", new Blob(["%PDF-1.7\n"], { type: "application/pdf" }), "tide.pdf");
    assert.match(await (await fetch(url, { method: "POST", body })).text(), /tide\.pdf/);
  });

  test(`${kinds}: a charge is given back by the other copy`, async (t) => {
    const giveBack: Handler = (req, res, next) => void b.refundRateLimit(req).then(() => res.end(), next);
    const url = await serve(t, a.toListener(a.compose(a.rateLimit({ limit: 1, windowMs: 60_000 }), giveBack)));
    const statuses = [await fetch(url), await fetch(url), await fetch(url)].map(({ status }) => status);
    assert.deepEqual(statuses, [200, 200, 200]);
  });

  test(`${kinds}: every refusal is a whole problem document of the other copy, and of its toListener()`, async (t) => {
    const refusals: readonly [status: number, handler: Handler][] = [
      [401, a.apiKeyAuth({ keys: [{ id: "ada", secret: "dev-gateway-key-12345" }] })],
      [429, twice(a.rateLimit({ limit: 1, windowMs: 60_000 }))],
      [415, a.fileUpload()],
      [405, a.router({ routes: { "/{any}": { GET: (_req, res) => void res.end() } } })],
      [404, a.notFound()],
      [400, a.sanitizeInput({ body: { type: "object" } })],
    ];
    for (const [status, handler] of refusals) {
      const responseOf = async (listener: RequestListener): Promise<Response> => {
        const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{" };
        return fetch(`${await serve(t, listener)}/x`, init);
      };
      const [within, across] = [
        await responseOf(a.toListener(handler, a.problemDetails())),
        await responseOf(b.toListener(handler, b.problemDetails())),
      ];
      const [document, other] = (await Promise.all([within.json(), across.json()])) as { type: string; title: string }[];
      assert.deepEqual([other?.type, other?.title], [document?.type, document?.title]);
      const plain = await responseOf(b.toListener(handler));
      assert.deepEqual([within.status, across.status, plain.status], [status, status, status]);
      for (const name of ["retry-after", "www-authenticate", "allow"])
        for (const response of [across, plain]) assert.equal(response.headers.has(name), within.headers.has(name), `${status}: ${name}`);
    }
  });

  test(`${kinds}: an event is received by the subscribers of the other copy`, () => {
    const [ours, others] = [new Map<string, unknown>(Object.entries(a)), new Map<string, unknown>(Object.entries(b))];
    const names = [...ours.keys()].filter((name) => isEvent(ours.get(name)));
    assert.ok(names.length >= 15, `${names.length} events`);
    for (const name of names) {
      const [event, theirs] = [ours.get(name) as Event<unknown>, others.get(name) as Event<unknown>];
      const received: unknown[] = [];
      const stop = theirs.subscribe((message) => received.push(message));
      assert.ok(event.hasSubscribers, name);
      event.publish(name);
      stop();
      assert.deepEqual(received, [name]);
    }
  });

  test(`${kinds}: objects of one copy are accepted by the other`, async (t) => {
    const keys = new b.KeyRing([{ id: "ada", secret: "dev-gateway-key-12345" }]);
    const penalties = new b.Penalties();
    const store = new b.MemoryStore();
    t.after(() => {
      penalties.close();
      store.close();
    });
    const limiter = a.rateLimit({ limit: 5, windowMs: 60_000, store, penalty: penalties });
    const url = await serve(t, a.toListener(a.compose(a.apiKeyAuth({ keys }), limiter, jsonOf(b.getPrincipal))));
    const response = await fetch(url, { headers: { Authorization: "Bearer dev-gateway-key-12345" } });
    assert.match(await response.text(), /"id":"ada"/);
    keys.replace([]);
    assert.equal((await fetch(url, { headers: { Authorization: "Bearer dev-gateway-key-12345" } })).status, 401);
  });

  test(`${kinds}: a set of public keys of one copy is used by the other, its refusals included`, async (t) => {
    const file = `keys-${kinds.replaceAll(/\W/g, "-")}.json`;
    const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    writeFileSync(
      file,
      JSON.stringify({ keys: [{ ...(await crypto.subtle.exportKey("jwk", publicKey)), kid: "one", alg: "ES256", use: "sig" }] }),
    );
    const tokenBy = async (kid: string): Promise<string> => {
      const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
      const text = `${encode({ alg: "ES256", kid })}.${encode({ sub: "ada", exp: Math.floor(Date.now() / 1_000) + 3_600, aud: "tides", iss: "https://issuer.test" })}`;
      const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, Buffer.from(text));
      return `${text}.${Buffer.from(signature).toString("base64url")}`;
    };
    const jwt = { keys: new b.JwkSet({ file }), issuer: "https://issuer.test", audience: "tides" };
    const url = await serve(t, a.toListener(a.compose(a.apiKeyAuth({ keys: [], jwt }), jsonOf(b.getPrincipal))));
    const statusFor = async (token: string): Promise<number> =>
      (await fetch(url, { headers: { Authorization: `Bearer ${token}` } })).status;
    const [genuine, ofUnknownKey] = [await tokenBy("one"), await tokenBy("another")];
    const forged = genuine.replace(/[^.]+$/, (signature) => Buffer.alloc(64, signature).toString("base64url"));
    // The set has just been loaded: whether the issuer has a further key is not known yet.
    assert.deepEqual([await statusFor(genuine), await statusFor(forged), await statusFor(ofUnknownKey)], [200, 401, 503]);
  });

  test(`${kinds}: instanceof recognises errors of the other copy`, () => {
    assert.ok(new a.HttpProblem({ status: 404 }) instanceof b.HttpProblem);
    assert.ok(new a.KeysFileError("invalid", []) instanceof b.KeysFileError);
    assert.throws(() => a.rateLimit({ limit: -1, windowMs: 1_000 }), b.OptionError);
  });

  test(`${kinds}: the rest of a body is discarded once`, async (t) => {
    const url = await serve(t, (req, res) => {
      a.discardRest(req, res);
      b.discardRest(req, res);
      res.end(String(req.listenerCount("data")));
    });
    const response = await fetch(url, { method: "POST", body: "x".repeat(200_000) });
    assert.ok(Number(await response.text()) <= 1);
  });

  test(`${kinds}: a lean response takes the headers of the other copy`, async (t) => {
    const handler = a.toListener(a.compose(b.securityHeaders(), (_req, res) => void res.end(String(res instanceof b.LeanResponse))));
    const url = await serve(t, handler, a.httpServer(handler, { leanResponse: true }));
    const response = await fetch(url);
    assert.deepEqual([await response.text(), response.headers.get("x-frame-options")], ["true", "DENY"]);
  });

  test(`${kinds}: metrics are counted by one copy and shown by the other`, async (t) => {
    const registry = new b.Registry();
    const handler = a.compose(a.metrics({ registry, endpoint: () => "/" }), b.metricsEndpoint({ registry }));
    const url = await serve(t, a.toListener(handler));
    await (await fetch(url)).text();
    assert.match(await (await fetch(url)).text(), /gateway_requests_total\{[^}]+\} 1/);
  });
}

testPairs("imported and required", imported, required);
testPairs("required and imported", required, imported);
