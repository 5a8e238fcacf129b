import assert from "node:assert/strict";
import { test } from "node:test";

import { isProxyUrl, parseServiceUrl, readServiceUrl } from "@aivillage/middleware";

const read = (given: unknown) => () => readServiceUrl("@aivillage/test", "url", given);

test("a URL is read into its origin and the path that all requests begin with", () => {
  assert.deepEqual(parseServiceUrl("http://Notes:80"), { origin: "http://notes", socketPath: undefined, basePath: "" });
  assert.deepEqual(parseServiceUrl("https://[::1]:8443/a/b//"), { origin: "https://[::1]:8443", socketPath: undefined, basePath: "/a/b" });
});

test("a Unix socket ends at the first colon, in both spellings", () => {
  const socket = { origin: "unix:/run/app.sock", socketPath: "/run/app.sock" };
  for (const text of ["unix:/run/app.sock", "unix:///run/app.sock"]) assert.deepEqual(parseServiceUrl(text), { ...socket, basePath: "" });
  assert.deepEqual(parseServiceUrl("unix:/run/app.sock:/base/"), { ...socket, basePath: "/base" });
});

test("anything else is refused, with the form of a socket for other spellings of it", () => {
  for (const text of [
    "notes:9000",
    "ftp://notes",
    "http://notes/?",
    "http://notes/#",
    "http://notes/?a=1",
    "unix:app.sock",
    "unix://run/app.sock",
    "",
  ]) {
    assert.equal(parseServiceUrl(text), undefined, text);
    assert.throws(read(text), /option `url` must be an http: or https: URL without credentials, query or fragment, or `unix:/, text);
  }
  for (const text of ["http://unix:/run/app.sock:/", "http://unix/run/app.sock"]) {
    assert.throws(read(text), /must be `unix:\/path\/of\/a\/socket` for a Unix socket/, text);
  }
  for (const given of [undefined, 5, Object.create(null), ["http://notes"]])
    assert.throws(read(given), /option `url` must be an http: or https:/);
});

test("the error for a URL with credentials does not hold them", () => {
  for (const text of ["http://ada:hunter2@notes", "ada:hunter2@notes:9000", "http://hunter2@notes", "ftp://ada:hunt@er2@notes"]) {
    assert.throws(read(text), ({ message }: Error) => !/hunt|er2/.test(message), text);
  }
});

test("an outbound proxy may have credentials and no path", () => {
  for (const url of ["http://proxy:3128", "https://ada:secret@proxy/"]) assert.ok(isProxyUrl(url), url);
  for (const url of ["proxy", "proxy:3128", "socks5://proxy", "http://proxy/path", "http://proxy/?a", "http://proxy/#a", 5, undefined]) {
    assert.ok(!isProxyUrl(url), String(url));
  }
});
