import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { type Handler, HttpProblem, replaceResponse, toListener } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";

const prepared: Record<string, string> = {
  "Accept-Ranges": "bytes",
  Age: "5",
  "Cache-Control": "public, max-age=3600",
  "Content-Digest": "sha-256=:AAAA:",
  "Content-Disposition": "attachment",
  "Content-Encoding": "gzip",
  "Content-Language": "en",
  "Content-Length": "9999",
  "Content-Location": "/other",
  "Content-Range": "bytes 0-1/5",
  ETag: '"1"',
  Expires: "Thu, 01 Jan 2037 00:00:00 GMT",
  "Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT",
  Location: "/created",
  Trailer: "X-Checksum",
  "Transfer-Encoding": "chunked",
};
const kept: Record<string, string> = { "Set-Cookie": "a=b", Vary: "Origin", "X-Frame-Options": "DENY", "X-Request-Id": "7" };

const failing: Handler = (_req, res, next) => {
  for (const [name, value] of Object.entries({ ...prepared, ...kept })) res.setHeader(name, value);
  next(new HttpProblem({ status: 503, headers: { "Retry-After": "9", "Bad header": "x" } }));
};

describe("the response to an error", () => {
  test("describes itself and not the response that was being prepared", async () => {
    await using server = await listen(toListener(failing));
    const response = await fetch(server.url);
    assert.equal(response.status, 503);
    assert.equal(await response.text(), "Service Unavailable\n");
    const values = [response.headers.get("content-length"), response.headers.get("retry-after")];
    assert.deepEqual(values, ["20", "9"]);
    for (const header of Object.keys(prepared).filter((key) => key !== "Content-Length"))
      assert.equal(response.headers.get(header), null, header);
    for (const [header, value] of Object.entries(kept)) assert.equal(response.headers.get(header), value, header);
  });

  test("ends although trailers were announced for the response before it", async () => {
    const handler: Handler = (_req, res, next) => {
      res.setHeader("Trailer", "Server-Timing");
      next(new Error("a problem"));
    };
    await using server = await listen(toListener(handler));
    const response = await fetch(server.url);
    assert.deepEqual([response.status, response.headers.get("trailer")], [500, null]);
  });

  test("takes the headers of the problem last", async () => {
    await using server = await listen((_req, res) => {
      res.setHeader("Location", "/wrong");
      replaceResponse(res, new HttpProblem({ status: 401, headers: { Location: "/login", "WWW-Authenticate": "Bearer" } }));
      res.end();
    });
    const { status, headers } = await fetch(server.url);
    assert.deepEqual([status, headers.get("location"), headers.get("www-authenticate")], [401, "/login", "Bearer"]);
  });
});
