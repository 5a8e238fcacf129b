import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, test } from "node:test";

import { listen, startDownstream } from "@aivillage/testing";

import { downstreamProxy, type SessionCookieOptions } from "../src/index.ts";
import { serveProxy } from "./support.ts";
import { ask as handshake, serveUpgrades } from "./upgrade-requests.ts";
import { webSocketServer } from "./web-socket-server.ts";

const secret = "a secret of more than thirty-two characters";
const sessionCookie: SessionCookieOptions = { name: "replica", secret };

interface HttpResponse {
  readonly body: string;
  readonly cookies: readonly string[];
}

async function ask(url: string, cookie?: string): Promise<HttpResponse> {
  const response = await fetch(url, cookie === undefined ? {} : { headers: { cookie } });
  return { body: await response.text(), cookies: response.headers.getSetCookie() };
}

const pairOf = (header = ""): string => header.split(";", 1)[0] ?? "";

describe("a session cookie", () => {
  test("is set once, says nothing of the replica, and keeps a client there", async () => {
    await using a = await startDownstream({ body: "a" });
    await using b = await startDownstream({ body: "b" });
    await using app = await serveProxy({ targets: [{ name: "twin", url: [a.url, b.url] }], sessionCookie });
    const first = await Promise.all(Array.from({ length: 30 }, () => ask(app.url)));
    assert.deepEqual(new Set(first.map(({ body }) => body)), new Set(["a", "b"]));
    for (const { body, cookies } of first.slice(0, 10)) {
      assert.match(cookies.join(), /^replica=[\w-]{22}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
      for (let again = 0; again < 5; again += 1) {
        assert.deepEqual(await ask(app.url, `x=1; ${pairOf(cookies[0])}`), { body, cookies: [] });
      }
    }
    assert.equal(new Set(first.map(({ cookies }) => cookies[0])).size, 2);
  });

  test("has the same value in another process with the same secret, and another one with another secret", async () => {
    await using a = await startDownstream({ body: "a" });
    await using b = await startDownstream({ body: "b" });
    const targets = [{ name: "twin", url: [a.url, b.url] }];
    await using one = await serveProxy({ targets, sessionCookie });
    await using two = await serveProxy({ targets, sessionCookie });
    await using other = await serveProxy({ targets, sessionCookie: { name: "replica", secret: `${secret} of another gateway` } });
    const { body, cookies } = await ask(one.url);
    assert.deepEqual(await ask(two.url, pairOf(cookies[0])), { body, cookies: [] });
    assert.equal((await ask(other.url, pairOf(cookies[0]))).cookies.length, 1);
  });

  test("is replaced when its replica is down, or when it names none", async () => {
    await using a = await startDownstream({ body: "a" });
    await using b = await startDownstream({ body: "b" });
    await using app = await serveProxy({ targets: [{ name: "twin", url: [a.url, b.url] }], sessionCookie });
    const first = await ask(app.url);
    const [gone, left] = first.body === "a" ? [a, "b"] : [b, "a"];
    await gone[Symbol.asyncDispose]();
    const moved = await ask(app.url, pairOf(first.cookies[0]));
    assert.equal(moved.body, left);
    assert.notEqual(pairOf(moved.cookies[0]), pairOf(first.cookies[0]));
    assert.deepEqual(await ask(app.url, pairOf(moved.cookies[0])), { body: left, cookies: [] });
    for (const forged of ["replica=", `replica=${left}`, "replica=__proto__", "replica"]) {
      assert.equal((await ask(app.url, forged)).cookies.length, 1, forged);
    }
  });

  test("stands beside the cookies of the service, and a single replica needs none", async () => {
    await using service = await listen((_req, res) => void res.setHeader("Set-Cookie", ["own=1", "more=2"]).end());
    await using other = await listen((_req, res) => void res.setHeader("Set-Cookie", ["own=1", "more=2"]).end());
    await using app = await serveProxy({ targets: [{ name: "twin", url: [service.url, other.url] }], sessionCookie });
    const { cookies } = await ask(app.url);
    assert.deepEqual(cookies.slice(0, 2), ["own=1", "more=2"]);
    assert.match(cookies[2] ?? "", /^replica=/);
    await using single = await serveProxy({ target: service.url, sessionCookie });
    assert.deepEqual((await ask(single.url)).cookies, ["own=1", "more=2"]);
  });

  test("comes with the handshake of a WebSocket, which then reaches the same replica", async () => {
    await using a = await webSocketServer();
    await using b = await webSocketServer();
    await using app = await serveUpgrades({ targets: [{ name: "twin", url: [a.url, b.url] }], sessionCookie });
    const counts = () => [a.requests.length, b.requests.length];
    const open = async (cookie: string): Promise<string> => {
      const { port } = new URL(app.url);
      const client = connect(Number(port), "127.0.0.1");
      client.write(handshake(`Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: ${cookie}\r\n`));
      const [head] = (await once(client, "data")) as [Buffer];
      client.destroy();
      assert.match(String(head), /^HTTP\/1\.1 101 /);
      return /^set-cookie: (.*)\r$/im.exec(String(head))?.[1] ?? "";
    };
    const set = await open("x=1");
    assert.match(set, /^replica=[\w-]{22}; Path=\//);
    const first = counts();
    for (let again = 0; again < 5; again += 1) assert.equal(await open(pairOf(set)), "");
    assert.deepEqual(
      counts(),
      first.map((count) => count * 6),
    );
  });
});

test("attributes of a session cookie are as configured, and those that browsers ignore are refused", async () => {
  await using a = await startDownstream();
  await using b = await startDownstream();
  const targets = [{ name: "twin", url: [a.url, b.url] }];
  const given: SessionCookieOptions = { ...sessionCookie, path: "/app", secure: false, sameSite: "Strict", maxAgeSeconds: 60 };
  await using app = await serveProxy({ targets, sessionCookie: given });
  assert.match((await ask(app.url)).cookies.join(), /^replica=[\w-]{22}; Path=\/app; Max-Age=60; HttpOnly; SameSite=Strict$/);
  const errorOf = (options: object): string => {
    try {
      downstreamProxy({ targets, sessionCookie: { ...sessionCookie, ...options } });
      return "";
    } catch (error) {
      return String(error);
    }
  };
  assert.match(errorOf({ sameSite: "None", secure: false }), /`sessionCookie.secure` must be true, or browsers ignore the cookie/);
  assert.match(errorOf({ name: "__Host-r", path: "/a" }), /`sessionCookie.path` must be `\/`/);
  assert.match(errorOf({ name: "a b" }), /`sessionCookie.name` must be a cookie name/);
  assert.match(errorOf({ path: "/a; Domain=evil" }), /`sessionCookie.path` must be a path/);
  const short = errorOf({ secret: "short secret" });
  assert.match(short, /`sessionCookie.secret` must be a string of at least 32 characters$/);
  assert.ok(!short.includes("short secret"));
  assert.throws(
    () => downstreamProxy({ targets, sessionCookie, affinity: () => "a" }),
    /`affinity` and `sessionCookie` exclude each other/,
  );
});
