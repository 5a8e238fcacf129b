import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { requestClaims, withheldHeaders } from "@aivillage/downstream-proxy";
import { listen, startDownstream } from "@aivillage/testing";

import { configFile, problemsOf } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const example = (names: readonly string[]): string[] => names.map((name) => name.replace("*", "anything"));
/** Fewer claims than a head may have lines, of every group. */
const claims = requestClaims.flatMap(({ names }) => example(names.slice(0, 8)));
const forged = Object.fromEntries(claims.map((name) => [name, "6.6.6.6"]));

const arrived = (headers: object): string[] =>
  Object.entries(headers).flatMap(([name, value]) => (String(value).includes("6.6.6.6") ? [name] : []));

describe("headers from clients", () => {
  test("no claim reaches a service, be the peer a trusted proxy or not", async () => {
    await using notes = await startDownstream();
    const routes = [{ path: "/open", public: true, upstream: [notes.url] }];
    for (const trusted of ["", "127.0.0.1"]) {
      await using gateway = await startTestGateway({ TRUSTED_PROXIES: trusted, CONFIG_FILE: configFile({ routes }) });
      assert.equal((await fetch(`${gateway.url}/open`, { headers: forged })).status, 200);
      assert.equal((await gateway.post("/v1/query", { query: "Hello." }, forged)).status, 200);
      assert.equal((await gateway.post("/v1/chat", { message: "Hello." }, forged)).status, 200);
      for (const service of [notes, gateway.agentController, gateway.twin]) {
        assert.deepEqual(arrived(service.received.at(-1)?.headers ?? {}), []);
      }
    }
  });

  test("built-in routes forward the headers that the services need, and configured routes all that are no claims", async () => {
    await using notes = await startDownstream();
    const routes = [{ path: "/open", public: true, upstream: [notes.url] }];
    await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes }) });
    const headers = { "accept-language": "de", "idempotency-key": "7", "user-agent": "openai/4", "x-stainless-lang": "js", "x-mine": "1" };
    await (await gateway.post("/v1/chat", { message: "Hello." }, headers)).text();
    await (await fetch(`${gateway.url}/open`, { headers })).text();
    const passed = (received: object | undefined) => Object.keys(headers).filter((name) => name in (received ?? {}));
    assert.deepEqual(passed(gateway.twin.received[0]?.headers), ["accept-language", "idempotency-key", "user-agent"]);
    assert.deepEqual(passed(notes.received[0]?.headers), Object.keys(headers));
  });

  test("a key of the gateway reaches no service, whatever header it is in", async () => {
    await using notes = await startDownstream();
    const routes = [{ path: "/notes", upstream: [notes.url] }];
    await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes }) });
    const carriers = [
      "x-api-key",
      "api-key",
      "apikey",
      "x-goog-api-key",
      "cookie",
      "proxy-authorization",
      "x-auth-token",
      "ocp-apim-subscription-key",
    ];
    const apiKey = gateway.authorization.authorization.replace("Bearer ", "");
    const headers = { ...gateway.authorization, ...Object.fromEntries(carriers.map((name) => [name, apiKey])) };
    assert.equal((await fetch(`${gateway.url}/notes`, { headers })).status, 200);
    assert.equal((await gateway.post("/v1/query", { query: "Hello." }, headers)).status, 200);
    for (const service of [notes, gateway.agentController]) {
      assert.ok(!JSON.stringify(service.received[0]?.headers).includes(apiKey));
    }
  });

  test("settings name the ones that are forwarded, from every client or from trusted proxies", async () => {
    const lists = { FORWARD_HEADERS: "X-Tenant-Id", FORWARD_TRUSTED_HEADERS: "X-Auth-Request-*" };
    const headers = { "x-tenant-id": "6.6.6.6", "x-auth-request-user": "6.6.6.6", "x-user-id": "6.6.6.6" };
    const expected = { "": ["x-tenant-id"], "127.0.0.1": ["x-tenant-id", "x-auth-request-user"] };
    for (const [trusted, names] of Object.entries(expected)) {
      await using gateway = await startTestGateway({ ...lists, TRUSTED_PROXIES: trusted });
      await (await gateway.post("/v1/query", { query: "Hello." }, headers)).text();
      assert.deepEqual(arrived(gateway.agentController.received[0]?.headers ?? {}).toSorted(), names.toSorted());
    }
  });
});

describe("headers from services", () => {
  const marked = Object.fromEntries(withheldHeaders.flatMap(({ names }) => example(names.slice(0, 12))).map((name) => [name, "theirs"]));

  test("none that speaks for the gateway reaches a client", async () => {
    await using service = await listen((_req, res) => void res.writeHead(200, { ...marked, "content-type": "application/json" }).end("{}"));
    await using gateway = await startTestGateway({ TWIN_URL: service.url, AGENT_CONTROLLER_URL: service.url });
    for (const [path, body] of [
      ["/v1/chat", { message: "Hello." }],
      ["/v1/query", { query: "Hello." }],
    ] as const) {
      const response = await gateway.post(path, body);
      assert.equal(response.status, 200);
      assert.deepEqual(
        [...response.headers].filter(([, value]) => value.includes("theirs")),
        [],
      );
    }
  });

  test("the CORS headers of a service never allow an origin, on public routes and errors too", async () => {
    await using service = await listen((req, res) => {
      res.setHeader("Access-Control-Allow-Origin", req.headers.origin ?? "*").setHeader("Access-Control-Allow-Credentials", "true");
      res.writeHead(req.url === "/broken" ? 500 : 200).end("{}");
    });
    const routes = ["/open", "/broken"].map((path) => ({ path, public: true, upstream: [service.url] }));
    await using gateway = await startTestGateway({ CORS_ORIGINS: "https://app.example", CONFIG_FILE: configFile({ routes }) });
    for (const path of ["/open", "/broken"]) {
      for (const [origin, expected] of [
        ["https://app.example", "https://app.example"],
        ["https://evil.example", null],
        ["null", null],
      ] as const) {
        const { headers } = await fetch(gateway.url + path, { headers: { origin } });
        assert.equal(headers.get("access-control-allow-origin"), expected);
        assert.equal(headers.get("access-control-allow-credentials"), null);
      }
    }
  });

  test("a setting names the ones that pass", async () => {
    await using service = await listen((_req, res) => void res.setHeader("Clear-Site-Data", '"cache"').setHeader("Refresh", "0").end("{}"));
    await using gateway = await startTestGateway({ TWIN_URL: service.url, PASS_RESPONSE_HEADERS: "clear-site-data" });
    const { headers } = await gateway.post("/v1/chat", { message: "Hello." });
    assert.deepEqual([headers.get("clear-site-data"), headers.get("refresh")], ['"cache"', null]);
  });
});

describe("lists of headers that are refused", () => {
  const wrong: readonly [env: Record<string, string>, expected: RegExp][] = [
    [{ FORWARD_HEADERS: "Connection" }, /^FORWARD_HEADERS: each entry must be a header that does not frame the message/],
    [{ FORWARD_HEADERS: "X-Tenant-Id, X-Forwarded-For" }, /^FORWARD_HEADERS: each entry must be .*got 'X-Forwarded-For'$/],
    [{ FORWARD_HEADERS: "X User" }, /^FORWARD_HEADERS: each entry must be a header name/],
    [{ FORWARD_HEADERS: "X-Api-Key" }, /^FORWARD_HEADERS lists X-Api-Key: it may hold a key of the gateway/],
    [{ FORWARD_TRUSTED_HEADERS: "X-Api-*" }, /^FORWARD_TRUSTED_HEADERS lists X-Api-\*, which covers x-api-key: it may hold a key/],
    [{ FORWARD_HEADERS: "X-*" }, /^FORWARD_HEADERS lists X-\*, which covers x-api-key/],
    [{ FORWARD_HEADERS: "cookie" }, /^FORWARD_HEADERS lists cookie: it may hold a key/],
    [{ FORWARD_HEADERS: "traceparent" }, /^FORWARD_HEADERS lists traceparent, which services get from the gateway itself/],
    [{ PASS_RESPONSE_HEADERS: "Access-Control-Allow-Origin" }, /^PASS_RESPONSE_HEADERS lists .*, but CORS_ORIGINS decides/],
    [{ PASS_RESPONSE_HEADERS: "transfer-encoding" }, /^PASS_RESPONSE_HEADERS: each entry must be a header that/],
  ];
  for (const [env, expected] of wrong) {
    test(Object.entries(env).join(" "), () => assert.match(problemsOf({ env }).join("\n"), expected));
  }
});
