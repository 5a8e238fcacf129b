import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { compose, type Handler, toListener } from "@aivillage/middleware";
import { forEachHost } from "@aivillage/testing";

import { apiKeyAuth, type ApiKeyAuthOptions, type Carrier } from "../src/index.ts";
import { showPrincipal, showProblem } from "./support.ts";

const secret = "mF_9.B5f-4.1JqM";
const keys = [{ id: "ada", secret }];
const all: readonly Carrier[] = ["authorization", { scheme: "ApiKey" }, "X-API-Key", "api-key", { cookie: "session" }];

forEachHost((host) => {
  const ask = async (carriers: readonly Carrier[], headers: Record<string, string>, path = "/") => {
    await using app = await host.serve([apiKeyAuth({ keys, carriers }), showPrincipal], showProblem);
    const response = await fetch(app.url + path, { headers });
    const body = (await response.json()) as { id?: string; type?: string; detail?: string };
    return { status: response.status, challenge: response.headers.get("www-authenticate"), ...body };
  };

  test("a key is accepted from each carrier of the list", async () => {
    for (const headers of [
      { Authorization: `Bearer ${secret}` },
      { Authorization: `apikey ${secret}` },
      { "x-api-key": secret },
      { "Api-Key": secret },
      { Cookie: `theme=dark; session=${secret}; a=b` },
    ]) {
      const { status, id } = await ask(all, headers);
      assert.deepEqual([status, id], [200, "ada"], JSON.stringify(headers));
    }
  });

  test("a carrier that is not on the list counts as no credentials", async () => {
    for (const headers of [
      { Authorization: `Bearer ${secret}` },
      { "api-key": secret },
      { Cookie: `session=${secret}` },
      { Authorization: `ApiKey ${secret}` },
    ]) {
      const { status, challenge, detail } = await ask(["x-api-key"], headers);
      assert.equal(status, 401);
      assert.equal(challenge, 'ApiKey realm="api", header="x-api-key"');
      assert.equal(detail, "Send an API key or a token in the header `x-api-key: <key>`.");
    }
  });

  test("every carrier has its challenge, with the error code of RFC 6750", async () => {
    const { status, challenge } = await ask(["authorization", { scheme: "ApiKey" }, { cookie: "session" }], { Authorization: "ApiKey no" });
    assert.equal(status, 401);
    const error = 'error="invalid_token"';
    assert.equal(
      challenge,
      `Bearer realm="api", ${error}, ApiKey realm="api", ${error}, Cookie realm="api", cookie-name="session", ${error}`,
    );
  });

  test("the same key in several headers is accepted, different ones are malformed", async () => {
    assert.equal((await ask(all, { Authorization: `Bearer ${secret}`, "api-key": secret })).status, 200);
    const { status, type } = await ask(all, { Authorization: `Bearer ${secret}`, "api-key": "other" });
    assert.deepEqual([status, type], [400, "malformed-credentials"]);
  });

  test("a header that holds no key is malformed", async () => {
    for (const value of ["", "two words", `${secret}, ${secret}`, "a".repeat(4_097)]) {
      assert.equal((await ask(all, { "x-api-key": value })).status, 400, value);
    }
  });

  test("a cookie counts only when no header has credentials", async () => {
    assert.equal((await ask(all, { Authorization: `Bearer ${secret}`, Cookie: "session=other" })).status, 200);
    assert.equal((await ask(all, { Authorization: "Bearer other", Cookie: `session=${secret}` })).status, 401);
  });

  test("two cookies of the name with different keys are malformed", async () => {
    assert.equal((await ask(all, { Cookie: `session=${secret}; session=other` })).status, 400);
    assert.equal((await ask(all, { Cookie: "sessions=other; my-session=other" })).status, 401);
  });

  test("a cookie that another site made the browser send does not count", async () => {
    const statusFor = async (site: string): Promise<number> =>
      (await ask(all, { Cookie: `session=${secret}`, "Sec-Fetch-Site": site })).status;
    assert.equal(await statusFor("cross-site"), 401);
    for (const site of ["same-origin", "same-site", "none"]) assert.equal(await statusFor(site), 200, site);
  });

  test("where a browser does not name the site, as for a WebSocket, a cookie counts for pages of the same origin only", async () => {
    await using app = await host.serve([apiKeyAuth({ keys, carriers: all }), showPrincipal], showProblem);
    const statusFor = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(app.url, { headers: { Cookie: `session=${secret}`, ...headers } })).status;
    const own = new URL(app.url).origin;
    assert.equal(await statusFor({ Origin: own }), 200);
    for (const origin of ["https://evil.example", own.replace(/:\d+$/, ""), `${own}.evil.example`, "null", "nonsense"]) {
      assert.equal(await statusFor({ Origin: origin }), 401, origin);
      assert.equal(await statusFor({ Origin: origin, "Sec-Fetch-Site": "same-site" }), 200, origin);
      assert.equal(await statusFor({ Origin: origin, Authorization: `Bearer ${secret}` }), 200, origin);
    }
  });

  test("caches learn on which headers a response depends, apart from Authorization", async () => {
    const varyOf = async (carriers: readonly Carrier[], headers: Record<string, string>, deferRefusal: boolean): Promise<string | null> => {
      const before: Handler = (_req, res, next) => {
        res.setHeader("Vary", "Origin, x-api-key");
        next();
      };
      const auth = apiKeyAuth({ keys, carriers, deferRefusal });
      await using app = await host.serve([before, auth, auth, showPrincipal], showProblem);
      return (await fetch(app.url, { headers })).headers.get("vary");
    };
    const known = "Origin, x-api-key";
    for (const headers of [{}, { "api-key": secret }, { "api-key": "other" }]) {
      for (const deferRefusal of [true, false]) {
        assert.equal(await varyOf(["authorization", { scheme: "ApiKey" }], headers, deferRefusal), known);
        assert.equal(await varyOf(["X-API-Key", "Api-Key"], headers, deferRefusal), `${known}, Api-Key`);
        assert.equal(await varyOf(all, headers, deferRefusal), `${known}, api-key, Cookie`);
      }
    }
  });

  test("a key in the query string is refused whatever the carriers", async () => {
    const { status, detail } = await ask(["api-key"], {}, `/?api-key=${secret}`);
    assert.equal(status, 400);
    assert.match(String(detail), /Send them in the header `api-key: <key>`\.$/);
  });
});

test("what is no carrier is refused with its position", () => {
  const refused = (carriers: unknown, message: RegExp): void => {
    assert.throws(() => apiKeyAuth({ keys, carriers } as ApiKeyAuthOptions), { name: "TypeError", message });
  };
  refused([], /option `carriers` must be a list of at least one of "authorization", the name of a header/);
  refused("x-api-key", /option `carriers` must be a list/);
  for (const bad of ["", "x api key", {}, { header: "x" }, { scheme: "Api Key" }, { cookie: "" }, { scheme: "A", cookie: "b" }, 7, null])
    refused(["authorization", bad], /option `carriers\[1\]` must be "authorization", the name of a header, \{ scheme/);
});

test("the origin of a cookie is compared with the host that a request of HTTP/2 names", async (t) => {
  const respond = toListener(compose(apiKeyAuth({ keys, carriers: [{ cookie: "session" }] }), showPrincipal), showProblem);
  // The requests of the compatibility API resemble those of `node:http`, but not for the compiler.
  const server = createServer({}, respond as unknown as Parameters<typeof createServer>[1]);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const session = connect(url);
  t.after(() => (session.destroy(), server.close()));
  const statusFor = async (origin: string): Promise<unknown> => {
    const stream = session.request({ ":path": "/", origin, cookie: `session=${secret}` });
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    stream.resume();
    return headers[":status"];
  };
  assert.equal(await statusFor(url), 200);
  assert.equal(await statusFor("https://evil.example"), 401);
});
