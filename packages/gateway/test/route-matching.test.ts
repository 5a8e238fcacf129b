import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { rawRequest, startDownstream } from "@aivillage/testing";

import { configFile, problemsOf } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const startWith = (document: object) => startTestGateway({ CONFIG_FILE: configFile(document) });
const open = { public: true, query: "any", methods: "any", body: "stream" };

describe("a route with a wildcard", () => {
  test("sends everything below its path on unchanged, by any method", async () => {
    await using app = await startDownstream();
    await using gateway = await startWith({ routes: [{ path: "/app/*", upstream: [app.url], ...open }] });
    const targets = ["/app/", "/app/a/b%2Fc?x[]=1&y=%7B", "/app/models/org%2Fname", `/app/${"long/".repeat(300)}`];
    for (const target of targets) assert.equal((await fetch(gateway.url + target)).status, 200, target);
    for (const method of ["DELETE", "OPTIONS", "PATCH"]) await (await fetch(`${gateway.url}/app/x`, { method })).text();
    assert.deepEqual(
      app.received.map(({ method, url }) => `${method} ${url}`),
      [...targets.map((target) => `GET ${target}`), "DELETE /app/x", "OPTIONS /app/x", "PATCH /app/x"],
    );
    assert.equal((await fetch(`${gateway.url}/app`)).status, 404);
  });

  test("does not open what a more specific route closes, however the path is written", async () => {
    await using app = await startDownstream();
    const upstream = [app.url];
    await using gateway = await startWith({
      routes: [
        { path: "/app/*", upstream, ...open },
        { path: "/app/admin/{page+}", upstream },
      ],
    });
    const ask = async (target: string) => {
      const text = await rawRequest(gateway.port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      return text.slice(9, 12);
    };
    assert.equal(await ask("/app/admin/x"), "401");
    for (const target of ["/app/%61dmin/x", "/app//admin/x", "/app/x/../admin/x", "/app/admin%2fx", "/app/admin;/x", "/app/./admin/x"]) {
      assert.match(await ask(target), /^40[04]$/, target);
    }
    assert.equal(app.received.length, 0);
  });

  test("leaves built-in paths alone, and may take the page at /", async () => {
    await using app = await startDownstream({ body: "the app" });
    await using gateway = await startWith({
      routes: [
        { path: "/", upstream: [app.url], public: true },
        { path: "/*", upstream: [app.url], name: "rest", ...open },
      ],
    });
    assert.equal(await (await fetch(gateway.url)).text(), "the app");
    assert.equal(await (await fetch(`${gateway.url}/anything/else`)).text(), "the app");
    assert.deepEqual(await (await fetch(`${gateway.url}/livez`)).json(), { status: "alive" });
  });

  test("is rewritten by template", async () => {
    await using app = await startDownstream();
    const upstream = [`${app.url}/base`];
    await using gateway = await startWith({
      routes: [
        { path: "/files/{path+}", upstream, rewrite: "/internal/{path}", public: true, query: "any" },
        { path: "/v1/*", upstream, rewrite: "/api/*", public: true },
      ],
    });
    await (await fetch(`${gateway.url}/files/a/b%20c?x=1`)).text();
    await (await fetch(`${gateway.url}/v1/a/b`)).text();
    assert.deepEqual(
      app.received.map(({ url }) => url),
      ["/base/internal/a/b%20c?x=1", "/base/api/a/b"],
    );
  });
});

describe("a route of a host", () => {
  test("serves that host alone, and all hosts below a pattern", async () => {
    await using api = await startDownstream({ body: "api" });
    await using tenants = await startDownstream({ body: "tenant" });
    await using gateway = await startWith({
      routes: [
        { path: "/*", host: "api.example.com", upstream: [api.url], public: true },
        { path: "/*", host: ["*.tenants.example.com", "tenants.example.com"], upstream: [tenants.url], public: true },
      ],
    });
    const ask = async (host: string, target = "/") => {
      const text = await rawRequest(gateway.port, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      return text.split("\r\n\r\n").at(-1)?.trim() ?? "";
    };
    assert.equal(await ask("api.example.com:8000", "/healthz"), "api");
    assert.equal(await ask("a.tenants.example.com"), "tenant");
    assert.equal(await ask("tenants.example.com"), "tenant");
    assert.match(await ask("example.com"), /"AIVillage Gateway"/);
  });
});

describe("a redirect", () => {
  test("keeps parameters and query, and needs no key", async () => {
    await using gateway = await startWith({
      routes: [
        { path: "/old/{path+}", redirect: { location: "https://new.example/{path}", status: 301 } },
        { path: "/app", redirect: { location: "/app/" } },
        { path: "/strip/*", redirect: { location: "/*" } },
      ],
    });
    const moved = await fetch(`${gateway.url}/old/a/b%2F?x=1`, { redirect: "manual" });
    assert.deepEqual([moved.status, moved.headers.get("location")], [301, "https://new.example/a/b%2F?x=1"]);
    for (const rest of ["//evil.example/x", "/\\evil.example/x"]) {
      const response = await rawRequest(
        Number(new URL(gateway.url).port),
        `GET /strip${rest} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      );
      const [, location = "/"] = /^location: (.*)\r$/im.exec(response) ?? [];
      assert.equal(new URL(location, "http://gateway.example").host, "gateway.example", response);
    }
    const within = await fetch(`${gateway.url}/app`, { redirect: "manual" });
    assert.deepEqual([within.status, within.headers.get("location")], [308, "/app/"]);
  });
});

describe("two thousand routes", () => {
  test("are all served", async () => {
    await using app = await startDownstream();
    const routes = Array.from({ length: 2_000 }, (_none, index) => ({ path: `/r${index}/*`, upstream: [app.url], public: true }));
    await using gateway = await startWith({ routes });
    for (const index of [0, 999, 1_999]) assert.equal((await fetch(`${gateway.url}/r${index}/a`)).status, 200);
  });
});

describe("an error of a path", () => {
  const upstream = ["http://a:1"];
  const problemOf = (route: object) => problemsOf({ env: {}, file: configFile({ routes: [route] }) }).join("\n");

  test("has an example and no regular expression", () => {
    const cases: readonly [route: object, expected: RegExp][] = [
      [{ path: "v1", upstream }, /must be a path that begins with a slash, such as \/v1\/notes\/\{id\}, \/files\/\{path\+\} or \/v1\/\*/],
      [{ path: "/v1/:id", upstream }, /write \{id\} instead of :id/],
      [{ path: "/v1/*/x", upstream }, /a path that ends with \*: use \{name\} for one segment, as in \/files\/\{name\}\/parts/],
      [{ path: "/v1/{rest*}", upstream }, /whole segments such as \{id\}, and \{path\+\} for the rest/],
      [{ path: "/v1/**", upstream }, /`\*` alone as its last segment, as in \/files\/\*/],
      [{ path: "/v1/*", upstream, rewrite: "/x/{path}" }, /has \{path\} in `rewrite`, but not in `path`/],
      [{ path: "/a", host: "a.example:80", upstream }, /write one without a port, such as api\.example\.com/],
      [
        { path: "/a", upstream: ["http://unix:/run/app.sock:/"] },
        /has a Unix socket .* that cannot be read: write it as unix:\/run\/notes\.sock/,
      ],
      [
        { path: "/a", upstream: ["http://u:pw@notes"] },
        /has a user or password in `upstream`\[0\]: remove it, and send it with `upstreamKeyFile`/,
      ],
      [{ path: "/a", upstream: ["http://notes/base?x"] }, /has a query or fragment in `upstream`\[0\]: leave out/],
      [{ path: "/a", upstream: ["notes:9000"] }, /has no URL in `upstream`\[0\]: give one such as http:\/\/notes:9000/],
      [{ path: "/a", scopes: ["a b"], upstream }, /`scopes\[0\]` must be 1 to 64 visible characters .* such as notes:read/],
      [{ path: "/a", redirect: { location: "/b" }, upstream }, /is redirected and takes no `upstream`/],
      [{ path: "/a", redirect: { location: "//evil.example" } }, /has a `redirect\.location` that is none/],
      [{ path: "/{x}", redirect: { location: "https://{x}.example/" } }, /has a parameter in the host of `redirect\.location`/],
      [{ path: "/a/*", redirect: { location: "https://a.example*" } }, /has a parameter in the host of `redirect\.location`/],
      [{ path: "/n", redirect: { location: "/n" } }, /redirects to itself/],
      [{ path: "/a", upstream: ["unix://run/app.sock"] }, /write it as unix:\/run\/notes\.sock/],
      [{ path: "/a", upstream, requestHeaders: { "x-auth-token": "secret" } }, /holds a credential in `requestHeaders`\.x-auth-token/],
      [{ path: "/a", upstream, requestHeaders: { "x-upstream": "Bearer secret" } }, /holds a credential in `requestHeaders`\.x-upstream/],
    ];
    for (const [route, expected] of cases) {
      assert.match(problemOf(route), expected);
      assert.doesNotMatch(problemOf(route), /pattern|\^|\\w|\[A-Z/);
    }
  });

  test("names both of two routes that match the same requests", () => {
    const twice = (first: object, second: object) =>
      problemsOf({
        env: {},
        file: configFile({
          routes: [
            { upstream, ...first },
            { upstream, ...second },
          ],
        }),
      }).join("\n");
    assert.match(twice({ path: "/a/*" }, { path: "/a/{x+}" }), /takes GET of the path that `routes`\[0\] \/a\/\* takes too: keep one/);
    assert.match(
      twice({ path: "/a", host: ["x.example", "y.example"] }, { path: "/a", host: "Y.example", name: "b" }),
      /that `routes`\[0\] \/a takes too/,
    );
  });
});
