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
  refused(
    { permissionsPolicy: { camera: ["everyone"] } },
    /option `permissionsPolicy` must have `self`, `src`, `\*` or origins such as .*, not "everyone", in `camera`/,
  );
  refused({ headers: { "X-A": 1 } }, /option `headers` must be .*got \{ 'X-A': 1 \}/);
  refused("api", /options must be an object, got string/);
  refused(new Map([["preset", "web"]]), /options must be an object, got Map/);
  refused({ headers: new Headers({ "X-A": "1" }) }, /option `headers` must be .*got Headers/);
  refused({ contentSecurityPolicy: new Map([["img-src", ["'self'"]]]) }, /option `contentSecurityPolicy` must be .*got Map/);
});

test("values cannot smuggle another directive or header", () => {
  refused({ contentSecurityPolicy: { "img-src": ["'self'; script-src *"] } }, /contentSecurityPolicy/);
  refused({ contentSecurityPolicy: { "img-src": ["'self'\r\nX-Evil: 1"] } }, /contentSecurityPolicy/);
  refused({ headers: { "X-A": "1\r\nX-Evil: 1" } }, /headers/);
});

test("a directive that no browser knows is refused with the nearest one", () => {
  const csp = (contentSecurityPolicy: object, message: RegExp): void => refused({ contentSecurityPolicy }, message);
  csp({ "scritp-src": ["'self'"] }, /directive `scritp-src`, which no browser knows \(did you mean `script-src`\?\); .*headers: /);
  csp({ scritpSrc: ["'self'"] }, /directive `scritpSrc`, .*did you mean `script-src`/);
  csp({ "script src": ["'none'"] }, /directive `script src`/);
  csp({ "Script-Src": ["'none'"] }, /did you mean `script-src`/);
  csp({ scriptSrc: ["'self'"], "script-src": ["'none'"] }, /holds the directive `script-src` twice/);
  csp({ directives: { scriptSrc: ["'self'"] } }, /no member `directives`: write the directives directly/);
  csp({ useDefaults: false }, /no member `useDefaults`: the directives join those of the preset/);
});

test("a source that browsers would read differently is refused", () => {
  const sources = (list: unknown, message: RegExp): void => refused({ contentSecurityPolicy: { scriptSrc: list } }, message);
  for (const word of ["self", "none", "None", "unsafe-inline", "sha256-abc=", "nonce-abc"])
    sources([word], new RegExp(`\`${word}\` would be the name of a host; put it in quotes of its own: "'${word}'"`));
  sources(["'slef'"], /`'slef'` is no keyword \(did you mean "'self'"\?\)/);
  sources(["'sha256-'"], /is no keyword/);
  sources(["'nonce-abc'"], /is the same for every response; write "'nonce-\{nonce\}'"/);
  sources([() => "'nonce-abc'"], /a function; for a nonce write/);
  sources(["'none'", "https://a.example"], /other sources beside 'none'/);
  sources("'self'", /must have a list of sources or false for `script-src`/);
  sources(null, /must have a list of sources or false/);
  sources([""], /each is a string/);
  sources(["https://ä.example"], /ASCII/);
  sources(["'self' 'unsafe-inline'"], /without spaces/);
  sources(["a'b"], /has a quote in it/);
});

test("a feature that would make browsers drop the header is refused", () => {
  const policy = (permissionsPolicy: object, message: RegExp): void => refused({ permissionsPolicy }, message);
  policy({ camra: [] }, /feature `camra`, which no browser knows \(did you mean `camera`\?\)/);
  policy({ "display capture": [] }, /feature `display capture`/);
  policy({ camera: ["'self'"] }, /must have `self` without quotes in `camera`/);
  policy({ camera: ["none"] }, /must have an empty list instead of `none` in `camera`/);
  policy({ camera: ["https://ä.example"] }, /in `camera`/);
  policy({ camera: "self" }, /must have a list for `camera`/);
});

test("an option of helmet is refused with what to write instead", () => {
  refused({ hsts: false }, /unknown option `hsts` \(an option of helmet; here it is `headers: \{ "Strict-Transport-Security": … \}`/);
  refused({ frameguard: { action: "sameorigin" } }, /unknown option `frameguard` \(.*"X-Frame-Options"/);
  refused({ xPoweredBy: false }, /unknown option `xPoweredBy` \(.*always removed/);
});

test("a header with a name that HTTP does not allow is refused", () => {
  refused({ headers: { "X Frame": "DENY" } }, /option `headers` must be an object of headers, each a valid name/);
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
