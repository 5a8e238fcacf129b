import assert from "node:assert/strict";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { HttpProblem } from "@aivillage/middleware";
import { forEachHost } from "@aivillage/testing";

import { getCspNonce, securityHeaders } from "../src/index.ts";

const ok: Handler = (_req, res) => void res.end("ok");

const apiHeaders = {
  "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "origin-agent-cluster": "?1",
  "permissions-policy":
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
  "referrer-policy": "strict-origin-when-cross-origin",
  "strict-transport-security": "max-age=63072000; includeSubDomains; preload",
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
  "x-download-options": "noopen",
  "x-frame-options": "DENY",
  "x-permitted-cross-domain-policies": "none",
  "x-xss-protection": "1; mode=block",
};

forEachHost((host) => {
  const fetchHeaders = async (...handlers: Handler[]): Promise<Record<string, string>> => {
    await using app = await host.serve(handlers);
    const response = await fetch(app.url);
    await response.text();
    return Object.fromEntries(response.headers);
  };

  test("the api preset sends exactly these headers and no X-Powered-By", async () => {
    const { connection, "content-length": _length, date, "keep-alive": keepAlive, ...headers } = await fetchHeaders(securityHeaders(), ok);
    assert.ok(connection && date && keepAlive);
    assert.deepEqual(headers, apiHeaders);
  });

  test("an error response carries the headers too", async () => {
    await using app = await host.serve([securityHeaders(), (_req, _res, next) => next(new HttpProblem({ status: 418 }))]);
    const response = await fetch(app.url);
    assert.equal(response.status, 418);
    assert.equal(response.headers.get("x-frame-options"), "DENY");
    assert.equal(response.headers.get("strict-transport-security"), apiHeaders["strict-transport-security"]);
  });

  test("an X-Powered-By of the options is sent in place of the host's", async () => {
    const headers = await fetchHeaders(securityHeaders({ headers: { "X-Powered-By": "patience" } }), ok);
    assert.equal(headers["x-powered-by"], "patience");
  });

  test("a later handler may replace a header", async () => {
    const headers = await fetchHeaders(
      securityHeaders(),
      (_req, res, next) => next(void res.setHeader("X-Frame-Options", "SAMEORIGIN")),
      ok,
    );
    assert.equal(headers["x-frame-options"], "SAMEORIGIN");
  });

  test("the web preset gives every request its own nonce, the same in header and getCspNonce()", async () => {
    await using app = await host.serve([securityHeaders({ preset: "web" }), (req, res) => void res.end(getCspNonce(req))]);
    const nonces = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const response = await fetch(app.url);
        const nonce = await response.text();
        assert.match(nonce, /^[A-Za-z0-9+/]{22}==$/);
        const policy = response.headers.get("content-security-policy") ?? "";
        assert.ok(policy.includes(`script-src 'self' 'nonce-${nonce}'`), policy);
        assert.ok(policy.includes(`style-src 'self' 'nonce-${nonce}'`), policy);
        return nonce;
      }),
    );
    assert.equal(new Set(nonces).size, 20);
  });

  test("a request has one nonce, also where it is mounted twice", async () => {
    let first: string | undefined;
    const web = { preset: "web" } as const;
    const policy = (
      await fetchHeaders(securityHeaders(web), (req, _res, next) => next(void (first = getCspNonce(req))), securityHeaders(web), ok)
    )["content-security-policy"];
    assert.ok(first !== undefined && policy?.includes(`'nonce-${first}'`), policy);
  });

  test("the api preset makes no nonce", async () => {
    await using app = await host.serve([securityHeaders(), (req, res) => void res.end(String(getCspNonce(req)))]);
    assert.equal(await (await fetch(app.url)).text(), "undefined");
  });

  test("directives join, replace and remove those of the preset", async () => {
    const contentSecurityPolicy = {
      "img-src": ["'self'", "https://cdn.example"],
      "form-action": false,
      "default-src": ["'self'"],
    } as const;
    const headers = await fetchHeaders(securityHeaders({ contentSecurityPolicy }), ok);
    assert.equal(
      headers["content-security-policy"],
      "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; img-src 'self' https://cdn.example",
    );
  });

  test("names may be in camel case, and replace those of the preset all the same", async () => {
    const contentSecurityPolicy = {
      scriptSrc: ["'none'"],
      styleSrc: ["'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"],
      upgradeInsecureRequests: [],
    };
    const permissionsPolicy = { camera: [], displayCapture: ["self"], "ch-ua": ["*"] };
    const headers = await fetchHeaders(securityHeaders({ preset: "web", contentSecurityPolicy, permissionsPolicy }), ok);
    assert.equal(
      headers["content-security-policy"],
      "default-src 'self'; script-src 'none'; style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; img-src 'self' data:; " +
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; upgrade-insecure-requests",
    );
    assert.equal(headers["permissions-policy"], "camera=(), display-capture=(self), ch-ua=(*)");
  });

  test("a directive of one's own can have the nonce of the request", async () => {
    const contentSecurityPolicy = { scriptSrc: ["'nonce-{nonce}'", "'strict-dynamic'"] };
    const headers = await fetchHeaders(securityHeaders({ contentSecurityPolicy }), ok);
    assert.match(String(headers["content-security-policy"]), /script-src 'nonce-[A-Za-z0-9+/]{22}==' 'strict-dynamic'$/);
  });

  test("policies can be left out, headers set and removed whatever their case", async () => {
    const headers = await fetchHeaders(
      securityHeaders({
        contentSecurityPolicy: false,
        permissionsPolicy: false,
        headers: { "x-frame-options": "SAMEORIGIN", "X-DNS-Prefetch-Control": false, "X-Robots-Tag": "noindex" },
      }),
      ok,
    );
    assert.equal(headers["content-security-policy"], undefined);
    assert.equal(headers["permissions-policy"], undefined);
    assert.equal(headers["x-dns-prefetch-control"], undefined);
    assert.equal(headers["x-frame-options"], "SAMEORIGIN");
    assert.equal(headers["x-robots-tag"], "noindex");
  });

  test("permissions are written as structured fields", async () => {
    const permissionsPolicy = { camera: ["self", "https://meet.example"], fullscreen: ["*"], usb: [] };
    const headers = await fetchHeaders(securityHeaders({ permissionsPolicy }), ok);
    assert.equal(headers["permissions-policy"], 'camera=(self "https://meet.example"), fullscreen=(*), usb=()');
  });
});
