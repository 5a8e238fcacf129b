import assert from "node:assert/strict";
import { test } from "node:test";

import { words } from "../src/fields/header-patterns.ts";
import { downstreamProxy, requestClaims } from "../src/index.ts";
import { linesSentFor, linesUpgradedFor, texts, valuesOf } from "./header-lines.ts";

/** Each claim once, with a mark that must not arrive. Several heads, since one may not have so many lines. */
const claims = requestClaims.flatMap(({ names }) => names.map((name) => `${name.replace("*", "anything")}: 6.6.6.6`));
const heads = Array.from({ length: Math.ceil(claims.length / 60) }, (_head, index) => claims.slice(index * 60, index * 60 + 60));

test("no header by which a client passes itself off as another one arrives, from any peer", async () => {
  assert.ok(claims.length > 200);
  for (const trusted of [false, true]) {
    for (const lines of heads) {
      for (const sent of [linesSentFor, linesUpgradedFor]) {
        const arrived = await sent(lines, { isFromTrustedProxy: () => trusted });
        assert.deepEqual(
          arrived.filter((line) => line.includes("6.6.6.6")),
          [],
        );
      }
    }
  }
});

test("the names that attackers and public reports use are among them", async () => {
  const names = words(`
    X-Forwarded-User X-Forwarded-Email X-Forwarded-Groups X-Forwarded-Client-Cert X-Forwarded-Prefix X-Forwarded-Port
    X-Forwarded-Ssl X-Forwarded-Scheme X-Forwarded-Server X-Real-IP True-Client-IP CF-Connecting-IP CF-Connecting-IPv6
    Fastly-Client-IP X-Envoy-External-Address X-Azure-ClientIP X-Appengine-User-IP Fly-Client-IP Remote-User
    X-Auth-Request-User X-Amzn-Oidc-Data X-Goog-Iap-Jwt-Assertion X-Ms-Client-Principal-Id Cf-Access-Jwt-Assertion
    Tailscale-User-Login X-Pomerium-Jwt-Assertion Dapr-Api-Token Impersonate-User X-Remote-Group X-Remote-Extra-Scopes
    X-Scope-OrgID Client-Cert X-Ssl-Client-Verify SSL-Client-Subject-DN X-Original-URL X-Rewrite-URL X-HTTP-Method-Override
    X-HTTP-Method X-Middleware-Subrequest X-Accel-Mapping X-Sendfile-Type X-Api-Key Api-Key X-Host Front-End-Https
    WL-Proxy-Client-IP OIDC-Claim-Sub SM-User iv-user Shib-Session-ID X-Shib-Uid eppn X-SSO-User X-Okta-User
    X-Original-Remote-Addr X-Token-Subject X-ClientIP ClientIP X-Source-IP NS-Client-IP X-Wap-Client-Ip X-Trino-User
    X-ClickHouse-User es-security-runas-user X-Act-As Sudo X-Current-User User-Id Roles Groups X-Portkey-Custom-Host
    Helicone-Target-URL X-LiteLLM-Api-Key
  `);
  const arrived = await linesSentFor(names.map((name) => `${name}: 6.6.6.6`));
  assert.deepEqual(
    arrived.filter((line) => line.includes("6.6.6.6")),
    [],
  );
});

test("what clients of AI services and of tracing send arrives", async () => {
  const lines = texts(`
    Accept: text/event-stream
    Accept-Language: de
    User-Agent: openai/4
    Idempotency-Key: 7
    traceparent: 00-1
    Baggage: a=b
    X-Stainless-Lang: js
    anthropic-version: 2023-06-01
    OpenAI-Organization: org-1
    Mcp-Session-Id: 9
    Last-Event-ID: 4
    X-Request-Id: r
    If-None-Match: x
    Range: bytes=0-1
    X-User-Agent: grpc-web
    X-Requested-With: XMLHttpRequest
    Prefer: wait=1
  `);
  const arrived = await linesSentFor(lines);
  assert.deepEqual(
    lines.filter((line) => !arrived.includes(line)),
    [],
  );
});

test("a claim that is listed arrives from every client, and one that is listed for trusted peers from those alone", async () => {
  const lines = ["X-Tenant-Id: t", "X-Auth-Request-User: u", "X-Auth-Request-Email: e", "X-Forwarded-User: f"];
  const lists = { forwardHeaders: ["X-Tenant-Id"], forwardTrustedHeaders: ["x-auth-request-*"] };
  const passed = async (trusted: boolean) => {
    const arrived = await linesSentFor(lines, { ...lists, isFromTrustedProxy: () => trusted });
    return lines.filter((line) => arrived.includes(line));
  };
  assert.deepEqual(await passed(false), lines.slice(0, 1));
  assert.deepEqual(await passed(true), lines.slice(0, 3));
});

test("as an allow-list the lists let nothing else through, and what options send arrives", async () => {
  const arrived = await linesSentFor(["Accept: text/plain", "X-Mine: 1", "Authorization: Bearer k", "X-User-Id: forged", "TE: trailers"], {
    forwardUnlisted: false,
    forwardHeaders: ["Accept"],
    forwardAuthorization: true,
    headers: () => ({ "X-User-Id": "7" }),
  });
  const names = arrived.map((line) => line.slice(0, line.indexOf(":")).toLowerCase());
  const ours = ["connection", "forwarded", "host", "te", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-user-id"];
  assert.deepEqual(names.toSorted(), ["accept", "authorization", ...ours].toSorted());
  assert.deepEqual(valuesOf(arrived, "x-user-id"), ["7"]);
});

test("a header that the proxy decides alone, and what is not a header name, cannot be listed", () => {
  const target = "http://127.0.0.1:1";
  const refuse = (names: unknown, message: RegExp): void => {
    for (const option of ["forwardHeaders", "forwardTrustedHeaders"]) {
      assert.throws(() => downstreamProxy({ target, [option]: names }), { name: "TypeError", message });
    }
  };
  for (const name of ["Connection", "te", "Host", "Content-Length", "Via", "Proxy", "Forwarded", "X-Forwarded-For"]) {
    refuse(["Accept", name], /option `forward\w*Headers\[1\]` must be a header that does not frame the message/);
  }
  refuse(["authorization"], /set `forwardAuthorization` instead/);
  refuse(["Cookie"], /set `forwardCookies` instead/);
  for (const name of ["X_User", "X-*-Id", "*", "X-User*", "", "X User", 7])
    refuse([name], /option `forward\w*Headers\[0\]` must be a header name/);
  refuse("X-User-Id", /must be an array of header names, got 'X-User-Id'/);
});
