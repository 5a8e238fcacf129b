import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { toListener } from "@aivillage/middleware";
import { redirect, router, type Routes } from "@aivillage/router";
import { listen } from "@aivillage/testing";

async function serve(t: TestContext, routes: Routes) {
  const { server, url } = await listen(toListener(router({ routes })));
  t.after(() => server.close());
  return async (path: string, method = "GET") => {
    const { status, headers } = await fetch(url + path, { method, redirect: "manual" });
    return [status, headers.get("location")];
  };
}

test("clients are sent to the path with the values and the query of their request", async (t) => {
  const ask = await serve(t, {
    "/old/{id}": { ANY: redirect("/notes/{id}/all") },
    "/files/{path+}": { GET: redirect("/archive/{path+}", { status: 302 }) },
    "/docs/*": { GET: redirect("https://docs.example/v2/*", { status: 301 }) },
  });
  assert.deepEqual(await ask("/old/7?by=date"), [308, "/notes/7/all?by=date"]);
  assert.deepEqual(await ask("/old/7", "POST"), [308, "/notes/7/all"]);
  assert.deepEqual(await ask("/files/a/b"), [302, "/archive/a/b"]);
  assert.deepEqual(await ask("/docs/start/first"), [301, "https://docs.example/v2/start/first"]);
});

test("a client can choose no host", async (t) => {
  const ask = await serve(t, { "/go/{path+}": { GET: redirect("/{path+}") } });
  for (const path of ["/go/evil.example", "/go//evil.example"]) {
    const [, location] = await ask(path);
    if (location !== null) assert.equal(new URL(String(location), "https://village.example").host, "village.example", path);
  }
});

test("a path that begins with two slashes or a backslash stays on this origin", async (t) => {
  const ask = await serve(t, { "/*": { GET: redirect("//*") } });
  const [status, location] = await ask("/evil.example/x");
  assert.equal(status, 308);
  assert.equal(new URL(String(location), "https://village.example").host, "village.example");
});

test("a status that redirects nothing is an error", () => {
  assert.throws(() => redirect("/a", { status: 200 }), { option: "status" });
  assert.throws(() => redirect("/a", { code: 301 } as never), { option: "code" });
});
