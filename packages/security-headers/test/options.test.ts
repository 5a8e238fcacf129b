import assert from "node:assert/strict";
import { test } from "node:test";

import { securityHeaders, type SecurityHeadersOptions } from "../src/index.ts";

const refused = (options: unknown, message: RegExp): void => {
  assert.throws(() => securityHeaders(options as SecurityHeadersOptions), { name: "TypeError", message });
};

test("an unknown option is named together with the known ones", () => {
  refused(
    { presets: "web" },
    /^@aivillage\/security-headers: unknown option `presets` \(did you mean `preset`\?\); known options: preset, contentSecurityPolicy, permissionsPolicy, headers$/,
  );
});

test("a bad value is named with what was expected and what came", () => {
  refused({ preset: "strict" }, /option `preset` must be one of "api", "web", got 'strict'/);
  refused({ preset: null }, /option `preset` must be one of .*, got null/);
  refused({ contentSecurityPolicy: "default-src 'none'" }, /option `contentSecurityPolicy` must be false or an object of directives/);
  refused({ permissionsPolicy: { camera: ["everyone"] } }, /option `permissionsPolicy` must be .*got \{ camera: \[ 'everyone' \] \}/);
  refused({ headers: { "X-A": 1 } }, /option `headers` must be .*got \{ 'X-A': 1 \}/);
  refused("api", /options must be an object, got string/);
});

test("values cannot smuggle another directive or header", () => {
  refused({ contentSecurityPolicy: { "img-src": ["'self'; script-src *"] } }, /contentSecurityPolicy/);
  refused({ contentSecurityPolicy: { "img-src": ["'self'\r\nX-Evil: 1"] } }, /contentSecurityPolicy/);
  refused({ headers: { "X-A": "1\r\nX-Evil: 1" } }, /headers/);
});

test("changing the options object later changes nothing", async () => {
  const headers: Record<string, string> = { "X-Robots-Tag": "noindex" };
  const written = new Map<string, string>();
  const handler = securityHeaders({ headers });
  headers["X-Robots-Tag"] = "all";
  const res = { setHeader: (name: string, value: string) => written.set(name, value), removeHeader: () => undefined };
  handler({} as never, res as never, () => undefined);
  assert.equal(written.get("X-Robots-Tag"), "noindex");
});
