import assert from "node:assert/strict";
import { test } from "node:test";

import { compose, type Handler, toListener } from "@aivillage/middleware";
import { eventually, listen, rawRequest } from "@aivillage/testing";

import { accessLog, type AccessLogOptions, createLogger } from "../src/index.ts";

/** A generator of random numbers that starts from a seed, so that a failure can be had again. */
function seeded(seed: number) {
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return { next, pick: <T>(values: readonly T[]): T => values[next(values.length)] as T };
}

type Random = ReturnType<typeof seeded>;

const secretNames = [
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "x-api-key",
  "api_key",
  "apiKey",
  "password",
  "passwd",
];
secretNames.push("client_secret", "secretKey", "access_token", "refreshToken", "token", "credentials", "private-key", "signing_key", "jwt");
const harmlessNames = ["path", "user", "list", "headers", "req", "status", "err", "details", "max_tokens", "key_id"];

const anyCase = (random: Random, name: string): string =>
  name
    .split("")
    .map((letter) => (random.next(2) === 0 ? letter.toUpperCase() : letter))
    .join("");

let planted = 0;

/** A value with canaries under names of secrets, at any depth and in any kind of container. */
function makeValue(random: Random, depth: number): unknown {
  const kind = random.next(depth > 5 ? 3 : 9);
  if (kind === 0) return random.next(1_000);
  if (kind === 1) return "harmless";
  if (kind === 2) return null;
  if (kind === 3) return Array.from({ length: random.next(4) }, () => makeValue(random, depth + 1));
  if (kind === 4) return Object.assign(new Error("failed"), { config: makeSecret(random, depth), cause: makeValue(random, depth + 1) });
  if (kind === 5) return new AggregateError([makeObject(random, depth)], "several");
  if (kind === 6) return { toJSON: () => makeObject(random, depth + 1) };
  return makeObject(random, depth + 1);
}

function makeObject(random: Random, depth: number): Record<string, unknown> {
  const members = Array.from({ length: 1 + random.next(4) }, (_, place) =>
    random.next(3) === 0
      ? [anyCase(random, random.pick(secretNames)), makeSecret(random, depth)]
      : [`${random.pick(harmlessNames)}${place}`, makeValue(random, depth + 1)],
  );
  return Object.fromEntries(members) as Record<string, unknown>;
}

function makeSecret(random: Random, depth: number): unknown {
  const canary = `canary-${(planted += 1)}`;
  return random.pick<unknown>([
    canary,
    [canary],
    { value: canary },
    { [canary]: true },
    { deep: { deeper: [canary, makeValue(random, depth + 3)] } },
  ]);
}

test("no value under the name of a secret is ever written, whatever is logged, however, and in either form", () => {
  for (const pretty of [false, true]) {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = seeded(seed);
      const written: string[] = [];
      const logger = createLogger({ pretty, destination: { write: (line) => written.push(line) } });
      const value = makeObject(random, 0);
      logger.info(value, "alone");
      logger.child(value).child({ nested: value }).warn("as bindings");
      logger.error({ err: Object.assign(new Error("x"), { response: value }), list: [value] }, "inside %o and %j", value, value);
      assert.equal(written.length, 3);
      assert.doesNotMatch(written.join(""), /canary/, `seed ${seed}`);
    }
  }
  assert.ok(planted > 600, `${planted} canaries`);
});

test("what a client puts into query, headers, cookies or body never gets into the access log", async () => {
  const written: string[] = [];
  const logger = createLogger({ level: "debug", destination: { write: (line) => written.push(line) } });
  const fields: AccessLogOptions["fields"] = ({ headers }) => ({ seen: { headers: pickSecrets(headers) } });
  const respond: Handler = (_req, res) => {
    res.setHeader("Set-Cookie", "sid=canary-answer");
    res.statusCode = 401;
    res.end("canary-body");
  };
  await using app = await listen(toListener(compose(accessLog({ logger, fields }), respond)));
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = seeded(seed);
    const query = `${random.pick(secretNames)}=canary-${seed}${random.pick(["", "#canary", "&a=b?c=canary", "%00canary"])}`;
    const target = random.pick([`/p?${query}`, `http://user:canary@a.example/p?${query}`, `//a/p?${query}`, `/p;x?${query}`, `*?${query}`]);
    const method = random.pick(["GET", "POST", "OPTIONS", "DELETE"]);
    const headers = secretNames.map((name) => `${anyCase(random, name)}: canary-${name}`).join("\r\n");
    await rawRequest(
      app.port,
      `${method} ${target} HTTP/1.1\r\nHost: a\r\n${headers}\r\nContent-Length: 6\r\nConnection: close\r\n\r\ncanary`,
    );
  }
  await eventually(() => written.length === 60, "a line per request");
  assert.doesNotMatch(written.join(""), /canary/);
  assert.match(written.join(""), /"authorization":"\[redacted\]"/);
});

/** A careless `fields` that copies headers: their names still protect them. */
function pickSecrets(headers: object): object {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => secretNames.includes(name)));
}
