import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";

import { HttpProblem } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";

import { withholdSecrets, type WithholdSecretsOptions } from "../src/index.ts";
import { serveProxy } from "./support.ts";

const secret = "sk-provider-0123456789abcdef";

/** A proxy before a target that responds like this. */
async function start(respond: (res: ServerResponse) => void, more: Partial<WithholdSecretsOptions> = {}) {
  const stack = new AsyncDisposableStack();
  const target = stack.use(await listen((_req, res) => respond(res)));
  const withheld: number[] = [];
  const filter = withholdSecrets({
    secrets: () => [secret],
    withhold: (_req, { status }) => {
      withheld.push(status);
      return new HttpProblem({ status: 502, type: "bad-gateway" });
    },
    ...more,
  });
  const { url } = stack.use(await serveProxy({ target: target.url, filter }));
  return { url, withheld, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const repeats: Readonly<Record<string, (res: ServerResponse) => void>> = {
  "in its content": (res) => void res.writeHead(400).end(`The key ${secret} has no access`),
  "in a header": (res) => void res.writeHead(403, { "X-Debug": `Bearer ${secret}` }).end(),
  "where its chunks meet": (res) => {
    res.writeHead(500).write(`no access: ${secret.slice(0, 12)}`, () => setImmediate(() => res.end(secret.slice(12))));
  },
  "in content that cannot be searched": (res) => void res.writeHead(400, { "Content-Encoding": "gzip" }).end("?"),
};
for (const [where, respond] of Object.entries(repeats)) {
  test(`an error that may repeat a secret ${where} is replaced, and reported once`, async () => {
    await using app = await start(respond);
    const response = await fetch(app.url);
    assert.equal(response.status, 502);
    assert.ok(!JSON.stringify([[...response.headers], await response.text()]).includes(secret));
    assert.equal(app.withheld.length, 1);
  });
}

test("an error with a secret after the bytes that are held is broken off, and one without it passes unchanged", async () => {
  const long = "x".repeat(200_000);
  let last = secret;
  await using app = await start((res) => void res.writeHead(400).end(long + last));
  const read = () => fetch(app.url).then((response) => response.text());
  await assert.rejects(read());
  last = secret.slice(0, -1);
  assert.equal(await read(), long + last);
  assert.deepEqual(app.withheld, [400]);
});

test("responses below 400 pass, and so do errors with a text that is too short for a secret", async () => {
  let status = 200;
  await using app = await start((res) => void res.writeHead(status).end(`${secret} short`), { secrets: () => [secret, "short"] });
  assert.equal(await (await fetch(app.url)).text(), `${secret} short`);
  await using lenient = await start((res) => void res.writeHead(status).end("short"), { secrets: () => [secret, "short"] });
  status = 400;
  assert.equal(await (await fetch(lenient.url)).text(), "short");
});

test("the secrets are asked for with each error", async () => {
  let secrets = ["sk-of-tomorrow-0123456789"];
  await using app = await start((res) => void res.writeHead(400).end(secret), { secrets: () => secrets });
  assert.equal((await fetch(app.url)).status, 400);
  secrets = [secret];
  assert.equal((await fetch(app.url)).status, 502);
});

test("another filter changes what passes, and gets nothing after the secret", async () => {
  const passed: string[] = [];
  let body = "no access";
  await using app = await start((res) => void res.writeHead(400).end(body), {
    filter: () => ({
      changes: true,
      write: (chunk) => {
        passed.push(chunk.toString());
        return Buffer.from(chunk.toString().toUpperCase());
      },
      end: () => Buffer.from("!"),
    }),
  });
  assert.equal(await (await fetch(app.url)).text(), "NO ACCESS!");
  body = secret;
  assert.equal((await fetch(app.url)).status, 502);
  assert.ok(!passed.join("").includes(secret));
});

test("options without the secrets or the error are refused", () => {
  const withhold = () => new Error("withheld");
  const make = (options: object) => () => withholdSecrets(options as WithholdSecretsOptions);
  assert.throws(make({ withhold }), /`secrets` must be a function/);
  assert.throws(make({ secrets: [secret], withhold }), (error: Error) => !error.message.includes(secret));
  assert.throws(make({ secrets: () => [secret] }), /`withhold` must be a function/);
  assert.throws(make({ secrets: () => [secret], withhold, onFound: withhold }), /unknown option `onFound`/);
});
