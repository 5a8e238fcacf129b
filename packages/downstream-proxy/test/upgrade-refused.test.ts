import assert from "node:assert/strict";
import { test } from "node:test";

import { deadUrl, eventually, rawRequest, startDownstream } from "@aivillage/testing";

import { rawServer } from "./support.ts";
import { ask, raw101, serveUpgrades } from "./upgrading.ts";

test("a target that does not change the protocol is refused with a problem document: its 4xx, else a 502", async () => {
  for (const [answered, status] of [
    [401, 401],
    [404, 404],
    [426, 426],
    [200, 502],
    [500, 502],
  ]) {
    await using target = await startDownstream({ status: answered ?? 0, body: "inner words" });
    await using app = await serveUpgrades({ targets: [{ name: "twin", url: target.url }] });
    const answer = await rawRequest(app.port, ask());
    const [head, body] = answer.split("\r\n\r\n", 2);
    assert.match(head ?? "", new RegExp(`^HTTP/1\\.1 ${status} `));
    assert.match(head ?? "", /\r\nContent-Type: application\/problem\+json\r\n[^]*Connection: close/);
    assert.deepEqual(JSON.parse(body ?? ""), {
      type: "https://github.com/aivillage/gateway/blob/main/docs/problems/upgrade-refused.md",
      title: "Upgrade refused",
      status,
      detail: `"twin" did not change the protocol; it answered ${answered}.`,
    });
    await eventually(() => target.received[0]?.clientLeftAt !== undefined || target.received[0]?.complete === true, "the target is let go");
  }
});

test("a target that is away, silent or speaks nonsense is refused like any other request", async () => {
  await using silent = await rawServer();
  await using nonsense = await rawServer((socket) => void socket.end("nonsense\r\n\r\n"));
  await using other = await rawServer(
    (socket) => void socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: mqtt\r\n\r\n"),
  );
  const cases: [url: string, status: number][] = [
    [await deadUrl(), 502],
    [silent.url, 504],
    [nonsense.url, 502],
    [other.url, 502],
  ];
  await Promise.all(
    cases.map(async ([url, status]) => {
      await using app = await serveUpgrades({ target: url, headersTimeoutMs: 1_000 });
      assert.match(await rawRequest(app.port, ask()), new RegExp(`^HTTP/1\\.1 ${status} [^]*problem\\+json`));
    }),
  );
});

test("what may not be passed on is refused and never reaches the target", async () => {
  await using target = await raw101();
  await using app = await serveUpgrades({ target: target.url, viaName: "me" });
  const h2c = ask().replace("websocket", "h2c");
  const cases: [request: string, status: number][] = [
    [h2c, 501],
    [ask().replace("GET", "POST"), 501],
    [ask("", "/../x"), 400],
    [ask("", "http://evil/"), 400],
    [ask("Host: b\r\n"), 400],
    [ask("Content-Length: 3\r\n"), 400],
    [ask("Via: 1.1 me\r\n"), 508],
  ];
  for (const [request, status] of cases) assert.match(await rawRequest(app.port, request), new RegExp(`^HTTP/1\\.1 ${status} `), request);
  assert.equal(target.text(), "");
});
