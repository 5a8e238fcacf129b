import assert from "node:assert/strict";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";

import { router, type RouterOptions } from "../src/index.ts";

const ok: Handler = (_req, res) => void res.end("ok");

const refused = (options: unknown, message: RegExp): void => {
  assert.throws(() => router(options as RouterOptions), { name: "TypeError", message });
};

test("no routes are fine", () => {
  assert.equal(typeof router(), "function");
  assert.equal(typeof router({ routes: {} }), "function");
});

test("an unknown option is named together with the known ones", () => {
  refused({ route: {} }, /^@aivillage\/router: unknown option `route` \(did you mean `routes`\?\); known options: routes, hosts$/);
});

test("routes, methods and handlers of a wrong kind are named", () => {
  refused({ routes: [] }, /option `routes` must be an object of paths/);
  refused({ routes: new Map([["/a", { GET: ok }]]) }, /option `routes` must be an object of paths.*, got Map/);
  refused({ routes: { "/a": new Map([["GET", ok]]) } }, /option `routes\["\/a"\]` must be an object with at least one method, got Map/);
  refused({ routes: { "/a": ok } }, /option `routes\["\/a"\]` must be an object with at least one method, got \[Function/);
  refused({ routes: { "/a": {} } }, /option `routes\["\/a"\]` must be an object with at least one method/);
  refused({ routes: { "/a": { get: ok } } }, /option `routes\["\/a"\]` must be an object of methods .* in capitals, or `ANY`, got 'get'/);
  refused({ routes: { "/a": { GET: [] } } }, /option `routes\["\/a"\]\.GET` must be a handler or a list of at least one, got \[\]/);
  refused({ routes: { "/a": { GET: [ok, "ok"] } } }, /option `routes\["\/a"\]\.GET` must be a handler/);
});

test("a template that no request can match is refused", () => {
  const cases: Readonly<Record<string, RegExp>> = {
    a: /must be a path that begins with a slash, such as \/notes\/\{id\}, got 'a'/,
    "*": /begins with a slash/,
    "/a/../b": /without the segments `\.` and `\.\.`/,
    "/a//b": /without empty segments/,
    "/a?b": /a path of percent-encoded segments in capitals, such as \/caf%C3%A9, and whole segments such as \{id\}/,
    "/caf%c3%a9": /in capitals/,
    "/%61": /without escapes of letters, digits/,
    "/a/:id": /a path with parameters in braces: write \{id\} instead of :id, got '\/a\/:id'/,
    "/a/*/b": /a path that ends with \*: use \{name\} for one segment, as in \/files\/\{name\}\/parts/,
    "/a/{x+}/b": /a path that ends with \{x\+\}/,
    "/a/**": /`\*` alone as its last segment, as in \/files\/\*/,
    "/a/*rest": /`\*` alone as its last segment/,
    "/a b": /percent-encoded/,
    "/é": /percent-encoded/,
    "/%zz": /percent-encoded/,
    "/{id": /whole segments such as \{id\}/,
    "/v{id}": /whole segments such as \{id\}/,
    "/{}": /whole segments such as \{id\}/,
    "/{a}/{a}": /a path that names each parameter once, such as/,
  };
  for (const [path, message] of Object.entries(cases)) refused({ routes: { [path]: { GET: ok } } }, message);
  for (const path of ["/", "/a/", "/caf%C3%A9", "/a;b=1,2", "/@me", "/{a}/"]) assert.ok(router({ routes: { [path]: { GET: ok } } }));
});

test("two templates that match the same paths are refused, and both are named", () => {
  refused(
    { routes: { "/a/{x}": { GET: ok }, "/a/{y}": { POST: ok } } },
    /option `routes\["\/a\/\{y\}"\]` must be a distinct path: \/a\/\{x\} matches the same paths, so keep one of them/,
  );
  assert.ok(router({ routes: { "/a/{x}": { GET: ok }, "/a/b": { GET: ok }, "/{x}/b": { GET: ok } } }));
});

test("a path among the options is an error that says where paths belong", () => {
  refused({ "/a": { GET: ok } }, /unknown option `\/a`; paths belong into `routes`: router\(\{ routes: \{ "\/a": … \} \}\)/);
});

test("a rest matches the same paths as another rest", () => {
  refused({ routes: { "/a/*": { GET: ok }, "/a/{path+}": { GET: ok } } }, /must be a distinct path: \/a\/\* matches the same paths/);
});

test("a host is a name or a pattern of names, with routes", () => {
  const routes = { "/": { GET: ok } };
  for (const host of ["a.example:80", "http://a.example", "*", "*.*.example", "a.*", "-a.example", ""]) {
    refused({ hosts: { [host]: routes } }, /must be a host without a port, such as api\.example\.com, or \*\.example\.com/);
  }
  refused({ hosts: { "a.example": [] } }, /option `hosts\["a\.example"\]` must be an object of paths/);
  refused({ hosts: { "a.example": { a: { GET: ok } } } }, /option `hosts\["a\.example"\]\["a"\]` must be a path that begins with a slash/);
  for (const host of ["localhost", "A.Example", "*.example.com", "[::1]", "127.0.0.1"]) assert.ok(router({ hosts: { [host]: routes } }));
});
