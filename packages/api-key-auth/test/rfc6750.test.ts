import assert from "node:assert/strict";
import { test } from "node:test";

import { forEachHost, rawRequest } from "@aivillage/testing";

import { apiKeyAuth, requirePrincipal } from "../src/index.ts";
import { ask, showPrincipal, showProblem } from "./support.ts";

const secret = "mF_9.B5f-4.1JqM";
const auth = apiKeyAuth({ keys: [{ id: "ada", secret }] });
const invalidRequest = 'Bearer realm="api", error="invalid_request"';

forEachHost((host) => {
  const askRaw = async (...lines: string[]): Promise<string> => {
    await using app = await host.serve([auth, showPrincipal], showProblem);
    return await rawRequest(app.port, ["GET / HTTP/1.1", "Host: a", "Connection: close", ...lines, "", ""].join("\r\n"), 2_000);
  };
  const isMalformed = (response: string): void => {
    assert.match(response, /^HTTP\/1\.1 400 /);
    assert.ok(response.includes(`WWW-Authenticate: ${invalidRequest}\r\n`), response);
    assert.match(response, /"type":"malformed-credentials"/);
  };

  test("the key of RFC 6750, 2.1 is accepted and the principal has the defaults", async () => {
    const { status, challenge, body } = await ask(host, [auth], `Bearer ${secret}`);
    assert.equal(status, 200);
    assert.equal(challenge, null);
    assert.deepEqual(body, { kind: "key", id: "ada", tier: "authenticated", scopes: ["*"] });
  });

  test("the scheme is read without regard to case, and more spaces may follow it", async () => {
    for (const authorization of [`bearer ${secret}`, `BEARER ${secret}`, `Bearer   ${secret}`]) {
      assert.equal((await ask(host, [auth], authorization)).status, 200, authorization);
    }
  });

  test("a request without credentials is a 401 whose challenge has no error code", async () => {
    const { status, challenge, body } = await ask(host, [auth]);
    assert.equal(status, 401);
    assert.equal(challenge, 'Bearer realm="api"');
    assert.equal(body.type, "missing-credentials");
    assert.match(body.detail, /Authorization: Bearer <key>/);
  });

  test("another scheme counts as no credentials", async () => {
    for (const authorization of ["Basic YWRhOmFkYQ==", "Digest username=ada", secret, `Bearer${secret}`]) {
      const { status, challenge, body } = await ask(host, [auth], authorization);
      assert.deepEqual([status, challenge, body.type], [401, 'Bearer realm="api"', "missing-credentials"], authorization);
    }
  });

  test("an unknown key is a 401 with invalid_token", async () => {
    for (const token of ["wrong", `${secret}x`, secret.slice(1), secret.toLowerCase(), `${secret}=`]) {
      const { status, challenge, body } = await ask(host, [auth], `Bearer ${token}`);
      assert.deepEqual([status, challenge], [401, 'Bearer realm="api", error="invalid_token"'], token);
      assert.equal(body.type, "invalid-credentials");
    }
  });

  test("a header that is no bearer credential is a 400 with invalid_request", async () => {
    const bad = [
      "Bearer",
      "Bearer ",
      "Bearer a b",
      "Bearer a,b",
      'Bearer "a"',
      "Bearer =a",
      "Bearer a=b",
      "Bearer ä",
      "Bearer a, Basic b",
      "",
    ];
    for (const value of bad) isMalformed(await askRaw(`Authorization: ${value}`));
  });

  test("two Authorization headers are a 400, even when the first is good", async () => {
    isMalformed(await askRaw(`Authorization: Bearer ${secret}`, "Authorization: Bearer other"));
    isMalformed(await askRaw(`authorization: Bearer ${secret}`, `AUTHORIZATION: Bearer ${secret}`));
  });

  test("a token of 4096 characters is looked up, a longer one is a 400", async () => {
    assert.equal((await ask(host, [auth], `Bearer ${"a".repeat(4096)}`)).status, 401);
    isMalformed(await askRaw(`Authorization: Bearer ${"a".repeat(4097)}`));
  });

  test("a key in the query string is refused with a hint, and its value is not repeated", async () => {
    for (const name of ["access_token", "api_key", "apikey", "key", "API_KEY", "api%5Fkey"]) {
      const { status, challenge, body } = await ask(host, [auth], undefined, `/?a=1&${name}=${secret}`);
      assert.deepEqual([status, challenge, body.type], [400, invalidRequest, "malformed-credentials"], name);
      assert.match(body.detail, /header `Authorization: Bearer <key>`/);
      assert.ok(!JSON.stringify(body).includes(secret));
    }
  });

  test("credentials in header and query string at once are a 400 (RFC 6750, 3.1)", async () => {
    for (const path of ["/?access_token=other", "/?a=1&ACCESS_TOKEN", "/?access%5Ftoken=x"]) {
      const { status, challenge, body } = await ask(host, [auth], `Bearer ${secret}`, path);
      assert.deepEqual([status, challenge, body.type], [400, invalidRequest, "malformed-credentials"], path);
    }
  });

  test("other parameters are no credentials, and beside a header the query string is the application's", async () => {
    assert.equal((await ask(host, [auth], undefined, "/?keys=1&monkey=2&q=api_key")).status, 401);
    assert.equal((await ask(host, [auth], `Bearer ${secret}`, "/?key=c-major")).status, 200);
  });

  test("a lack of scope is a 403 that names the scopes needed", async () => {
    const narrow = apiKeyAuth({ keys: [{ id: "ada", secret, scopes: ["query"] }], realm: "village" });
    const response = await ask(host, [narrow, requirePrincipal({ scopes: ["query", "upload"] })], `Bearer ${secret}`);
    assert.equal(response.status, 403);
    assert.equal(response.challenge, 'Bearer realm="village", error="insufficient_scope", scope="query upload"');
    assert.equal(response.body.type, "insufficient-scope");
    assert.deepEqual(response.body.required_scopes, ["query", "upload"]);
  });

  test("the realm stands in every challenge", async () => {
    const inVillage = apiKeyAuth({ keys: [{ id: "ada", secret }], realm: "the village" });
    assert.equal((await ask(host, [inVillage])).challenge, 'Bearer realm="the village"');
    assert.equal((await ask(host, [inVillage], "Bearer no")).challenge, 'Bearer realm="the village", error="invalid_token"');
  });

  test("the stock error handler of the host sends status and challenge too, and no secret", async () => {
    await using app = await host.serve([auth, showPrincipal]);
    const response = await fetch(app.url, { headers: { authorization: "Bearer guess-1234" } });
    assert.equal(response.status, 401);
    assert.equal(response.headers.get("www-authenticate"), 'Bearer realm="api", error="invalid_token"');
    assert.ok(!(await response.text()).includes("guess-1234"));
  });
});
