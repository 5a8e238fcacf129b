import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import { hostOfTarget, originForm, requestPath } from "@aivillage/middleware";
import { forEachHost, rawRequest } from "@aivillage/testing";
import * as fc from "fast-check";

const pathOf = (url?: string, originalUrl?: string): string => requestPath({ url, originalUrl } as unknown as IncomingMessage);

test("the query string is cut off, nothing is decoded", () => {
  assert.equal(pathOf("/"), "/");
  assert.equal(pathOf("/a/b?c=/d?e"), "/a/b");
  assert.equal(pathOf("/a%2Fb/../c//d"), "/a%2Fb/../c//d");
  assert.equal(pathOf("/?"), "/");
  assert.equal(pathOf("//a/b?c"), "//a/b");
  assert.equal(pathOf("*"), "*");
  assert.equal(pathOf(undefined), "/");
});

test("a fragment is no part of the path", () => {
  assert.equal(pathOf("/v1/query#x"), "/v1/query");
  assert.equal(pathOf("/v1/query?a#b"), "/v1/query");
  assert.equal(pathOf("/v1/query#a?b"), "/v1/query");
});

test("of an absolute target it is the path that a router matches", () => {
  assert.equal(pathOf("http://example.com/v1/query?a=b"), "/v1/query");
  assert.equal(pathOf("http://example.com?a=/b"), "/");
  assert.equal(pathOf("http://example.com"), "/");
  assert.equal(pathOf("https://user@[::1]:8443/a"), "/a");
});

test("a target in absolute form has an origin form and a host", () => {
  const targets: readonly (readonly [target: string, form: string, host: string])[] = [
    ["http://example.com/a?b=/c", "/a?b=/c", "example.com"],
    ["HTTPS://[::1]:8443", "/", "[::1]:8443"],
    ["http://h?a=1", "/?a=1", "h"],
    ["http://h//a", "//a", "h"],
  ];
  for (const [target, form, host] of targets) assert.deepEqual([originForm(target), hostOfTarget(target)], [form, host], target);
});

test("a target in any other form stays as it is and names no host, nor does one with a user or another scheme", () => {
  for (const target of ["/", "/http://h/a", "//h/a", "*", "h:443", "", "http:///a", "http://u@h/a", "ftp://h/a", "http://h\\\\a"]) {
    assert.deepEqual([originForm(target), hostOfTarget(target)], [target, undefined], target);
  }
});

test("originalUrl wins, because hosts cut the mount path off url", () => {
  assert.equal(pathOf("/query?a", "/v1/query?a"), "/v1/query");
});

test("whatever follows, the query is cut off and both forms of target give the same path", () => {
  fc.assert(
    fc.property(fc.webAuthority({ withPort: true }), fc.string({ unit: "binary" }), (authority, noise) => {
      assert.doesNotMatch(pathOf(`/${noise}`), /[?#]/);
      assert.equal(pathOf(`http://${authority}/${noise}`), pathOf(`/${noise}`));
      assert.equal(typeof pathOf(noise), "string");
    }),
    { numRuns: 200 },
  );
});

forEachHost((host) => {
  test("it is the path the client sent, in either form of target", async () => {
    await using app = await host.serve([(req, res) => void res.end(`path=${requestPath(req)};`)]);
    const ask = (target: string): Promise<string> => rawRequest(app.port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    assert.match(await ask("/a/b?c=d"), /path=\/a\/b;/);
    assert.match(await ask("http://a/a/b?c=d"), /path=\/a\/b;/);
    assert.match(await ask("/a/b#c"), /path=\/a\/b;/);
  });
});
