import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { TLSSocket } from "node:tls";

import { eventually, makeCertificates, startDownstream, startForwardProxy } from "@aivillage/testing";
import { WebSocket, WebSocketServer } from "ws";

import { ConfigError, loadConfig, startGateway } from "../src/index.ts";
import { configFile } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const problemsOf = (document: object): readonly string[] => {
  try {
    loadConfig({ env: { CONFIG_FILE: configFile(document) } });
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
};

/** A service that demands a client certificate and responds with its name. */
async function privateService(t: TestContext, { ca, server }: ReturnType<typeof makeCertificates>): Promise<string> {
  const service = createTlsServer({ cert: server.cert, key: server.key, ca: ca.cert, requestCert: true }, (req, res) =>
    res.end((req.socket as TLSSocket).getPeerCertificate().subject.CN?.toString()),
  ).listen(0, "127.0.0.1");
  t.after(() => {
    service.closeAllConnections();
    service.close();
  });
  await once(service, "listening");
  return `https://127.0.0.1:${(service.address() as AddressInfo).port}`;
}

test("a route reaches a service with a private authority that demands a client certificate", async (t) => {
  using certificates = makeCertificates();
  const url = await privateService(t, certificates);
  const tls = { caFile: certificates.ca.certFile, certFile: certificates.client.certFile, keyFile: certificates.client.keyFile };
  const routes = [
    { path: "/inner", upstream: [url], public: true, target: { tls, connections: { maxAgeSeconds: 30, idleSeconds: 1 } } },
    { path: "/untrusted", upstream: [url], public: true },
  ];
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes }) });
  assert.equal(await (await fetch(`${gateway.url}/inner`)).text(), "client");
  assert.equal((await fetch(`${gateway.url}/untrusted`)).status, 502);
});

test("a certificate that changes is used without a restart", async (t) => {
  using certificates = makeCertificates();
  const url = await privateService(t, certificates);
  const folder = await mkdtemp(join(tmpdir(), "certificates-"));
  t.after(() => rm(folder, { recursive: true }));
  const certFile = join(folder, "client.pem");
  const keyFile = join(folder, "client-key.pem");
  await copyFile(certificates.server.certFile, certFile);
  await copyFile(certificates.server.keyFile, keyFile);
  const tls = { caFile: certificates.ca.certFile, certFile, keyFile };
  const file = configFile({ routes: [{ path: "/inner", upstream: [url], public: true, target: { tls } }] });
  const env = { CONFIG_FILE: file, GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0", API_KEY: "test-key-0123456789" };
  const lines: string[] = [];
  const log = (_fields: object, message: string) => void lines.push(message);
  const logger = { debug: log, info: log, warn: log, error: log };
  const gateway = await startGateway(loadConfig({ env }), { logger, sources: { env }, drainMs: 500 });
  t.after(() => gateway.close());
  assert.equal(await (await fetch(`${gateway.url}/inner`)).text(), "server");
  await copyFile(certificates.client.certFile, certFile);
  await copyFile(certificates.client.keyFile, keyFile);
  await eventually(async () => (await (await fetch(`${gateway.url}/inner`)).text()) === "client", "the new certificate is used", {
    state: () => lines,
  });
});

test("a route reaches a Unix socket", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "service-"));
  const service = createServer((req, res) => res.end(req.url)).listen(join(folder, "app.sock"));
  t.after(async () => {
    service.closeAllConnections();
    service.close();
    await rm(folder, { recursive: true });
  });
  await once(service, "listening");
  const routes = [{ path: "/inner", upstream: [`unix:${folder}/app.sock:/base`], public: true }];
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes }) });
  assert.equal(await (await fetch(`${gateway.url}/inner`)).text(), "/base/inner");
});

test("a canary gets its weight, a session stays with its replica, and a built-in service has these settings too", async () => {
  await using stable = await startDownstream({ body: "stable" });
  await using canary = await startDownstream({ body: "canary" });
  const upstream = [stable.url, canary.url];
  const routes = [
    { path: "/canary", upstream, public: true, target: { weights: [1, 0] } },
    { path: "/session", upstream, public: true, target: { affinity: { cookie: "session" } } },
    { path: "/client", upstream, public: true, target: { affinity: "client" } },
  ];
  await using gateway = await startTestGateway({
    TWIN_URL: upstream.join(),
    CONFIG_FILE: configFile({ routes, targets: [{ service: "twin", weights: [0, 1] }] }),
  });
  const ask = async (path: string, cookie = ""): Promise<string> => (await fetch(gateway.url + path, { headers: { cookie } })).text();
  const asked = (path: string, cookie?: string) => Promise.all(Array.from({ length: 10 }, () => ask(path, cookie)));
  assert.deepEqual(new Set(await asked("/canary")), new Set(["stable"]));
  const sessions = await Promise.all(Array.from({ length: 20 }, async (_, id) => new Set(await asked("/session", `a=b; session=${id}`))));
  assert.ok(sessions.every(({ size }) => size === 1));
  assert.equal(new Set(sessions.map((each) => [...each].join())).size, 2);
  assert.equal(new Set(await asked("/client")).size, 1);
  const before = stable.received.length;
  assert.equal((await gateway.post("/v1/chat", { message: "hello" })).status, 200);
  assert.equal(stable.received.length, before);
});

test("the gateway inserts a cookie that a client of WebSockets keeps its replica by", async (t) => {
  const urls: string[] = [];
  for (const name of ["a", "b"]) {
    const service = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    service.on("connection", (socket) => socket.send(name));
    t.after(() => {
      for (const client of service.clients) client.terminate();
      service.close();
    });
    await once(service, "listening");
    urls.push(`http://127.0.0.1:${(service.address() as AddressInfo).port}`);
  }
  const affinity = { cookie: { name: "replica", insert: true, secure: false, sameSite: "Strict" } };
  const routes = [{ path: "/live", upstream: urls, public: true, target: { affinity } }];
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes }) });
  const open = async (cookie: string) => {
    const client = new WebSocket(`${gateway.url.replace("http", "ws")}/live`, { headers: { cookie } });
    const upgraded = once(client, "upgrade") as Promise<[IncomingMessage]>;
    const [name] = (await once(client, "message")) as [Buffer];
    client.terminate();
    return { name: name.toString(), cookies: (await upgraded)[0].headers["set-cookie"] };
  };
  const { name, cookies } = await open("");
  assert.match(cookies?.join() ?? "", /^replica=[\w-]{22}; Path=\/; HttpOnly; SameSite=Strict$/);
  const [pair = ""] = cookies?.[0]?.split(";") ?? [];
  for (let again = 0; again < 5; again += 1) assert.deepEqual(await open(pair), { name, cookies: undefined });
});

test("two services cannot share the name of an inserted cookie, and its attributes are checked", () => {
  const affinity = (cookie: object) => ({ affinity: { cookie: { name: "replica", insert: true, ...cookie } } });
  const [a, b] = [
    ["http://a:1", "http://b:1"],
    ["http://c:1", "http://d:1"],
  ];
  const routes = (...list: object[]) => problemsOf({ routes: list });
  assert.deepEqual(routes({ path: "/a", upstream: a, target: affinity({}) }, { path: "/b", upstream: b, target: affinity({}) }), [
    "`routes`[1] /b `target`: inserts the cookie replica as `routes`[0] /a `target` does, for other replicas: give it another `name`",
  ]);
  assert.match(
    routes({ path: "/a", upstream: a, target: affinity({ sameSite: "None", secure: false }) }).join(),
    /must be true, or browsers/,
  );
  assert.deepEqual(
    routes(
      { path: "/a", upstream: a, target: affinity({}) },
      { path: "/b", upstream: a, target: affinity({}) },
      { path: "/c", upstream: b, target: affinity({ name: "other" }) },
    ),
    [],
  );
});

test("a service below a prefix that the route removes redirects there, and its cookies are for paths there", async () => {
  await using service = await startDownstream(({ url }) => ({
    status: 302,
    headers: { location: new URL(`http://a${url}`).searchParams.get("to") ?? "", "set-cookie": "s=1; Path=/admin; HttpOnly" },
  }));
  const open = { public: true, query: "any" };
  await using gateway = await startTestGateway({
    CONFIG_FILE: configFile({
      routes: [
        { path: "/app/*", rewrite: "/*", upstream: [service.url], ...open },
        { path: "/files/{rest+}", rewrite: "/internal/{rest}", upstream: [`${service.url}/base`], ...open },
        { path: "/same/*", upstream: [service.url], ...open },
        { path: "/kept/*", rewrite: "/*", upstream: [service.url], target: { rewriteLocation: false }, ...open },
        { path: "/t/{tenant}/*", rewrite: "/*", upstream: [service.url], ...open },
      ],
    }),
  });
  const sent = async (path: string, to: string) => {
    const { headers } = await fetch(`${gateway.url}${path}?to=${encodeURIComponent(to)}`, { redirect: "manual" });
    return [headers.get("location"), headers.get("set-cookie")];
  };
  assert.deepEqual(await sent("/app/x", "/login?a=/b"), ["/app/login?a=/b", "s=1; Path=/app/admin; HttpOnly"]);
  assert.deepEqual(await sent("/app/x", `${service.url}/login`), ["/app/login", "s=1; Path=/app/admin; HttpOnly"]);
  for (const to of ["/app/login", "login", "../login", "https://login.example/"]) assert.equal((await sent("/app/x", to))[0], to);
  assert.equal((await sent("/files/x", "/base/internal/y"))[0], "/files/y");
  assert.equal((await sent("/files/x", "/base/other/y"))[0], "/other/y");
  for (const path of ["/same/x", "/kept/x", "/t/1/x"])
    assert.deepEqual(await sent(path, "/login"), ["/login", "s=1; Path=/admin; HttpOnly"]);
  const { host } = new URL(String((await sent("/app/x", "//evil.example/"))[0]), "https://here.example");
  assert.equal(host, "evil.example", "a location at another host stays");
});

test("gateways form a chain, and VIA_NAME names one", async () => {
  await using service = await startDownstream();
  const route = (url: string) => configFile({ routes: [{ path: "/a", upstream: [url], public: true }] });
  await using inner = await startTestGateway({ CONFIG_FILE: route(service.url), VIA_NAME: "inner" });
  await using outer = await startTestGateway({ CONFIG_FILE: route(inner.url) });
  assert.equal((await fetch(`${outer.url}/a`)).status, 200);
  assert.match(service.received[0]?.headers.via ?? "", /^1\.1 aivillage-\w{8}, 1\.1 inner$/);
});

test("settings of a target that cannot work are refused with what to do", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "problems-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "no.pem"), "no certificate");
  const route = (target: object, upstream = ["https://a.example", "https://b.example"]) =>
    problemsOf({ routes: [{ path: "/a", upstream, target }] });
  const place = "`routes`[0] /a `target`: ";
  assert.deepEqual(route({ weights: [1] }), [`${place}\`weights\` has 1 entries for 2 replicas: give one for each`]);
  assert.deepEqual(route({ tls: { serverName: "a" } }, ["http://a.example"]), [
    `${place}\`tls\` is for https: URLs: correct the URLs, or remove it`,
  ]);
  assert.match(route({ tls: { caFile: `${folder}/none.pem` } }).join(), /none\.pem cannot be read \(ENOENT\)/);
  assert.match(route({ tls: { caFile: `${folder}/no.pem` } }).join(), /OpenSSL cannot use it/);
  assert.match(route({ affinity: "cookie" }).join(), /target\.affinity/);
  assert.match(problemsOf({ targets: [{ service: "twins" }] }).join(), /must be one of twin, agent_controller, knowledge_system/);
  assert.match(
    problemsOf({ routes: [{ path: "/a", upstream: ["http://unix:/run/app.sock"] }] }).join(),
    /write it as unix:\/run\/notes\.sock/,
  );
});

test("requests and probes go through the outbound proxy of a target", async () => {
  await using service = await startDownstream({ body: "hello" });
  await using proxy = await startForwardProxy("user:secret");
  const route = (path: string, outboundProxy: string) => ({ path, upstream: [service.url], public: true, target: { outboundProxy } });
  const routes = [route("/out", `http://user:secret@${proxy.host}`), route("/refused", `http://user:wrong@${proxy.host}`)];
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes }) });
  assert.equal(await (await fetch(`${gateway.url}/out`)).text(), "hello");
  assert.equal((await fetch(`${gateway.url}/refused`)).status, 502);
  await eventually(async () => {
    const { services } = (await (await fetch(`${gateway.url}/healthz`)).json()) as {
      services: Record<string, { status: string; error?: string }>;
    };
    assert.equal(services["out"]?.status, "healthy");
    assert.equal(services["refused"]?.error, "outbound proxy responded with 407");
    return true;
  }, "both are probed through the proxy");
  assert.ok(service.received.some(({ url }) => url === "/healthz"));
});

test("a service that speaks nothing but HTTP/2 is healthy when its target says so", async (t) => {
  const service = createHttp2Server((_req, res) => res.end("by HTTP/2")).listen(0, "127.0.0.1");
  t.after(() => service.close());
  await once(service, "listening");
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const routes = [{ path: "/inner", upstream: [url], public: true, target: { http2: true } }];
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes }) });
  assert.equal(await (await fetch(`${gateway.url}/inner`)).text(), "by HTTP/2");
  let inner: Record<string, unknown> | undefined;
  // A busy machine may need longer than `/healthz` waits for a probe.
  const isHealthy = async (): Promise<boolean> => {
    const { services } = (await (await fetch(`${gateway.url}/healthz`)).json()) as { services: Record<string, Record<string, unknown>> };
    inner = services["inner"];
    return inner?.["status"] === "healthy" && inner["status_code"] === 200;
  };
  await eventually(isHealthy, "it is healthy", { state: () => inner });
});
