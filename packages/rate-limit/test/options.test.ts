import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

import { MemoryStore as TheirMemoryStore } from "express-rate-limit";

import {
  createLimiter,
  MemoryStore,
  type MemoryStoreOptions,
  rateLimit,
  type RateLimitOptions,
  RedisStore,
  type RedisStoreOptions,
} from "../src/index.ts";

const refused = (options: unknown, message: RegExp): void => {
  assert.throws(() => rateLimit(options as RateLimitOptions), { name: "TypeError", message });
};
const policy = { name: "ip", limit: 10, windowMs: 1_000 };
const refusedPolicy = (members: Record<string, unknown>, message: RegExp): void => {
  refused({ policies: [policy, { ...policy, name: "other", ...members }] }, message);
};

test("an unknown option is named together with the known ones", () => {
  refused(
    { maximum: 5, windowMs: 1_000 },
    /^@aivillage\/rate-limit: unknown option `maximum`; known options: limit, windowMs, policies, clientIp, store, headers, allow, skip, dryRun, tier, penalty$/,
  );
  refusedPolicy(
    { window: 5 },
    /^@aivillage\/rate-limit: unknown option `policies\[1\].window` \(did you mean `windowMs`\?\); known options: name, limit, windowMs, key, cost, when$/,
  );
});

test("limit and windowMs belong together and not to policies", () => {
  refused(undefined, /option `limit` must be an integer from 1 .*unless `policies` are given, got undefined/);
  refused({ windowMs: 1_000 }, /option `limit` must be .*, got undefined/);
  refused({ limit: 1 }, /option `windowMs` must be an integer of milliseconds, at least 100, got undefined/);
  refused({ limit: 1, policies: [policy] }, /option `limit` must be left out when `policies` are given, got 1/);
  refused({ windowMs: 1_000, policies: [policy] }, /option `windowMs` must be left out when `policies` are given, got 1000/);
});

test("a bad value is named with what was expected and what came", () => {
  refused({ limit: 0, windowMs: 1_000 }, /option `limit` must be an integer from 1 to 999999999999999 or a function .*, got 0/);
  refused({ limit: 1.5, windowMs: 1_000 }, /option `limit` .*got 1.5/);
  refused({ limit: "10", windowMs: 1_000 }, /option `limit` .*got '10'/);
  refused({ limit: 1, windowMs: 60 }, /option `windowMs` must be an integer of milliseconds, at least 100, got 60/);
  refused({ policies: [] }, /option `policies` must be a list of at least one policy, got \[\]/);
  refused({ policies: policy }, /option `policies` must be a list/);
  refused({ policies: [policy], clientIp: "x-forwarded-for" }, /option `clientIp` must be a function/);
  refused({ policies: [policy], store: new Map() }, /option `store` must be an object with the functions decide, refund and reset/);
  refused({ policies: [policy], store: null }, /option `store` .*got null/);
  refused({ policies: [policy], headers: "draft-8" }, /option `headers` must be true or false/);
  refused(
    { policies: [policy], allow: "192.0.2.1" },
    /option `allow` must be a list of IP addresses, CIDR ranges and names, got '192.0.2.1'/,
  );
  for (const entry of [
    "localhost",
    "fe80::1%eth0",
    "192.0.2.0/33",
    "2001:db8::/129",
    "192.0.2.0/",
    "192.0.2.0/8/8",
    "192.0.2.0/-1",
    "",
    7,
    null,
  ]) {
    refused({ policies: [policy], allow: ["192.0.2.1", entry] }, /option `allow\[1\]` must be an IP address, a CIDR range such as "10/);
  }
  refused({ policies: [policy], skip: /livez/ }, /option `skip` must be a function/);
  refused({ policies: [policy], dryRun: 1 }, /option `dryRun` must be true or false/);
  refused({ policies: [policy], tier: "free" }, /option `tier` must be a function/);
});

test("a bad policy is named with its place", () => {
  refused({ policies: ["ip"] }, /option `policies\[0\]` must be an object, got 'ip'/);
  refused({ policies: [null] }, /option `policies\[0\]` must be an object, got null/);
  refusedPolicy({ name: undefined }, /option `policies\[1\].name` must be 1 to 64 letters.*got undefined/);
  refusedPolicy({ limit: undefined }, /option `policies\[1\].limit` must be an integer from 1 .*got undefined/);
  refusedPolicy({ windowMs: undefined }, /option `policies\[1\].windowMs` must be .*got undefined/);
  refusedPolicy({ name: "ip" }, /option `policies\[1\].name` must be a name that no other policy has, got 'ip'/);
  refusedPolicy({ limit: -1 }, /option `policies\[1\].limit` must be an integer from 1 .*got -1/);
  refusedPolicy({ limit: Number.NaN }, /option `policies\[1\].limit` .*got NaN/);
  refusedPolicy({ windowMs: 1.5e3 + 0.5 }, /option `policies\[1\].windowMs` .*got 1500.5/);
  refusedPolicy({ key: "ip" }, /option `policies\[1\].key` must be a function/);
  refusedPolicy({ cost: -1 }, /option `policies\[1\].cost` must be an integer from 0 .*got -1/);
  refusedPolicy({ when: true }, /option `policies\[1\].when` must be a function/);
});

test("an option of express-rate-limit is refused with what to write instead", () => {
  refused({ max: 5, windowMs: 60_000 }, /unknown option `max` \(an option of express-rate-limit; here it is `limit`\)/);
  refused({ limit: 5, windowMs: 60_000, keyGenerator: () => "x" }, /unknown option `keyGenerator` \(.*`policies: \[\{ name, .*key \}\]`/);
  refused({ limit: 5, windowMs: 60_000, skipFailedRequests: true }, /unknown option `skipFailedRequests` \(.*refundRateLimit\(req\)/);
  refused(
    { policies: [{ name: "ip", max: 5, windowMs: 60_000 }] },
    /unknown option `policies\[0\].max` \(an option of express-rate-limit; here it is `limit`\)/,
  );
  refused({ limit: 5, windowMs: 60_000, message: "no" }, /unknown option `message` \(.*problemDetails\(\)/);
});

test("every option of the installed express-rate-limit is one here or is refused with what to write instead", () => {
  const file = createRequire(import.meta.url)
    .resolve("express-rate-limit")
    .replace(/\.[cm]?js$/, ".d.ts");
  const [, members = ""] = /^export type Options = \{\n([^]*?)^\};/m.exec(readFileSync(file, "utf8")) ?? [];
  const names = [...members.matchAll(/^\t(\w+)\??:/gm)].map(([, name = ""]) => name);
  assert.ok(names.length >= 22 && names.includes("standardHeaders"), names.join());
  const ours = ["windowMs", "limit", "skip", "store", "headers"];
  for (const name of names.filter((each) => !ours.includes(each)))
    refused({ limit: 5, windowMs: 60_000, [name]: true }, new RegExp(`unknown option \`${name}\` \\(an option of express-rate-limit; `));
});

test("a store of express-rate-limit is refused with the function that takes it", () => {
  refused(
    { limit: 5, windowMs: 60_000, store: new TheirMemoryStore() },
    /option `store` must be a store of .*`fromExpressRateLimitStore\(store\)`/,
  );
  assert.throws(
    () => createLimiter({ limit: 5, windowMs: 60_000, store: new TheirMemoryStore() as never }),
    /option `store` must be .*`fromExpressRateLimitStore\(store\)`/,
  );
});

test("an async function is refused where its promise would count as a result", () => {
  const later = async (): Promise<never> => assert.fail("not called");
  for (const name of ["key", "when", "limit", "cost"])
    refusedPolicy({ [name]: later }, new RegExp(`option \`policies\\[1\\].${name}\` must be .*a function.*; it must not be async`));
  for (const name of ["skip", "tier", "clientIp"])
    refused({ policies: [policy], [name]: later }, new RegExp(`option \`${name}\` must be a function; it must not be async`));
});

test("a name cannot smuggle anything into a header", () => {
  for (const name of ['a";q=9', "a, b", "a\r\nX-Evil: 1", "", "ü", "x".repeat(65)])
    refusedPolicy({ name }, /option `policies\[1\].name` must be 1 to 64/);
});

test("the options of a memory store are checked too", () => {
  const refusedStore = (options: unknown, message: RegExp): void => {
    assert.throws(() => new MemoryStore(options as MemoryStoreOptions), { name: "TypeError", message });
  };
  refusedStore({ maxKeys: 0 }, /option `maxKeys` must be an integer from 1 to 16777216, got 0/);
  refusedStore({ now: 5 }, /option `now` must be a function/);
  refusedStore({ size: 5 }, /unknown option `size`; known options: maxKeys, now/);
});

test("changing the options later changes nothing", () => {
  const changing = { ...policy, limit: 1 };
  const store = new MemoryStore();
  const limiter = rateLimit({ policies: [changing], store });
  changing.limit = 100;
  const outcomes: unknown[] = [];
  const req = { headers: {}, socket: { remoteAddress: "192.0.2.1" } };
  for (let sent = 0; sent < 2; sent += 1) {
    limiter(req as never, { setHeader: () => undefined } as never, (error) => outcomes.push(error === undefined));
  }
  assert.deepEqual(outcomes, [true, false]);
});

test("the options of a Redis store are checked too", () => {
  const refusedStore = (options: unknown, message: RegExp): void => {
    assert.throws(() => new RedisStore(options as RedisStoreOptions), { name: "TypeError", message });
  };
  const client = { call: async () => undefined };
  refusedStore(undefined, /option `client` must be a client of `redis` or ioredis, got undefined/);
  refusedStore({ client: "redis://localhost" }, /option `client` must be a client of `redis` or ioredis, got 'redis:/);
  refusedStore({ client, prefix: "{a}" }, /option `prefix` must be a string without braces, got '{a}'/);
  refusedStore({ client, deadlineMs: 0 }, /option `deadlineMs` must be an integer from 1 to 10000, got 0/);
  refusedStore({ client, outage: "fail" }, /option `outage` must be one of "open", "closed", "local", got 'fail'/);
  refusedStore({ client, instances: 0 }, /option `instances` must be an integer from 1/);
  refusedStore({ client, cluster: "yes" }, /option `cluster` must be true or false/);
  refusedStore({ client, url: "redis://localhost" }, /unknown option `url`; known options: client, prefix, cluster, deadlineMs, outage/);
});
