import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";

import { fixedResponse, toListener } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";

import { acceptsGzip } from "../src/fixed-response.ts";

const content = "high at 05:12 ".repeat(100);

async function serve(t: TestContext): Promise<(headers: Record<string, string>, method?: string) => Promise<Response>> {
  const { server, url } = await listen(toListener(fixedResponse("text/plain; charset=utf-8", content)));
  t.after(() => server.close());
  return (headers, method = "GET") => fetch(url, { method, headers: { "accept-encoding": "identity", ...headers } });
}

describe("fixedResponse()", () => {
  test("sends the content with its type, its length and an ETag", async (t) => {
    const ask = await serve(t);
    const response = await ask({});
    assert.equal(await response.text(), content);
    assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
    assert.equal(response.headers.get("content-length"), String(content.length));
    assert.equal(response.headers.get("cache-control"), "no-cache");
    assert.equal(response.headers.get("vary"), "Accept-Encoding");
    assert.match(response.headers.get("etag") ?? "", /^"[\w-]{22}"$/);
  });

  test("compresses it for clients that take gzip, with another ETag", async (t) => {
    const ask = await serve(t);
    const [plain, gzipped] = [await ask({}), await ask({ "accept-encoding": "gzip" })];
    assert.equal(gzipped.headers.get("content-encoding"), "gzip");
    assert.ok(Number(gzipped.headers.get("content-length")) < 200);
    assert.notEqual(gzipped.headers.get("etag"), plain.headers.get("etag"));
    assert.equal(await gzipped.text(), content);
  });

  test("responds with 304 to a client that has it, in the coding that it has", async (t) => {
    const ask = await serve(t);
    const etag = (await ask({})).headers.get("etag") ?? "";
    for (const field of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await ask({ "if-none-match": field });
      assert.equal(again.status, 304, field);
      assert.equal(again.headers.get("etag"), etag);
      assert.equal(again.headers.get("content-type"), null);
    }
    assert.equal((await ask({ "if-none-match": '"other"' })).status, 200);
    assert.equal((await ask({ "if-none-match": etag, "accept-encoding": "gzip" })).status, 200);
  });

  test("says to HEAD what GET would send", async (t) => {
    const ask = await serve(t);
    const response = await ask({}, "HEAD");
    assert.equal(response.headers.get("content-length"), String(content.length));
    assert.equal(await response.text(), "");
  });
});

test("gzip is chosen only where the client accepts it", () => {
  for (const field of ["gzip", "deflate, gzip;q=0.5", "*", "GZIP", "x-gzip", "br;q=1, *;q=0.1"]) assert.ok(acceptsGzip(field), field);
  for (const field of [undefined, "", "identity", "gzip;q=0", "br", "*;q=0", "gzip;q=0, *"]) assert.ok(!acceptsGzip(field), String(field));
});
