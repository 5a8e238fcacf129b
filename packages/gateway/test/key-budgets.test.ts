import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { eventually } from "@aivillage/testing";
import { startFakeProvider } from "@aivillage/testing/fake-provider";

import { cli } from "./cli-support.ts";
import { configFile, problemsOf } from "./config-support.ts";
import { keysFolder } from "./keys-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const path = "/v1/chat/completions";
const hello = { model: "gpt-5", max_tokens: 20, messages: [{ role: "user", content: "hello" }] };
const daily = { name: "daily", unit: "calls", limit: 1, period: "day" };

test("a key has its own limit of a budget, keys of a tenant share one, and a budget without a limit is for keys that name it", async () => {
  using keys = keysFolder();
  const large = await keys.create("large", "--budget", "daily=3");
  const small = await keys.create("small", "--budget", "trial=1");
  const [one, other] = [await keys.create("one", "--tenant", "acme"), await keys.create("other", "--tenant", "acme")];
  await using provider = await startFakeProvider();
  const routes = [{ path, upstream: [provider.url], ai: "openai-chat" }];
  const limits = [
    daily,
    { name: "trial", unit: "calls", period: "day" },
    { ...daily, name: "of-tenant", by: "tenant", limit: 2, when: { tenants: ["acme"] } },
  ];
  await using gateway = await startTestGateway({ API_KEYS_FILE: keys.path, CONFIG_FILE: configFile({ routes, budgets: { limits } }) });
  const admitted = async (key: string, model = "gpt-5"): Promise<readonly [number, unknown]> => {
    for (let count = 0; ; count += 1) {
      const response = await gateway.post(path, { ...hello, model }, { authorization: `Bearer ${key}` });
      const body = (await response.json()) as Record<string, unknown>;
      if (response.status === 429) return [count, body["violated-policies"]];
      assert.equal(response.status, 200);
    }
  };
  assert.deepEqual(await admitted(large.key), [3, ["daily"]]);
  assert.deepEqual(await admitted(small.key), [1, ["daily", "trial"]]);
  const [first] = await admitted(one.key);
  const [second, by] = await admitted(other.key);
  assert.deepEqual([first, second, by], [1, 1, ["daily", "of-tenant"]]);
  const standing = async (key: string) => {
    const response = await fetch(`${gateway.url}/v1/budget`, { headers: { authorization: `Bearer ${key}` } });
    const { budgets: shown } = (await response.json()) as { budgets: { name: string; limit: number; spent: number }[] };
    return shown.map(({ name, limit, spent }) => [name, limit, spent]);
  };
  assert.deepEqual(await standing(large.key), [["daily", 3, 3]]);
  assert.deepEqual(await standing(one.key), [
    ["daily", 1, 1],
    ["of-tenant", 2, 2],
  ]);
  const listed = await gateway.gateway.budgets.list({ budget: "of-tenant" });
  assert.deepEqual(
    listed.map(({ key }) => key),
    ["tenant:acme"],
  );

  const text = readFileSync(keys.path, "utf8");
  writeFileSync(keys.path, text.replace("name: daily, limit: 3", "name: daily, limit: 4"));
  await eventually(async () => (await standing(large.key))[0]?.[1] === 4, "the new limit is in force");
  assert.deepEqual(await admitted(large.key), [1, ["daily"]]);
  writeFileSync(keys.path, text.replace("name: daily, limit: 3", "name: dayly, limit: 9"));
  await eventually(() => gateway.log.some(({ message }) => message === "invalid keys file; keeping the previous keys"), "it is refused");
  const refused = gateway.log.find(({ message }) => message === "invalid keys file; keeping the previous keys");
  assert.match(String(refused?.["reason"]), /names the budget dayly, which `budgets.limits` has not: did you mean daily\?/);
});

test("budgets of keys that cannot be meant are refused with their remedy", async () => {
  using keys = keysFolder();
  const problems = (limits: readonly object[], env: Record<string, string> = { API_KEYS_FILE: keys.path }): string =>
    problemsOf({
      env,
      file: configFile({ routes: [{ path, upstream: ["http://models:9000"], ai: "openai-chat" }], budgets: { limits } }),
    }).join("\n");
  await keys.create("ada", "--budget", "daily=1.5");
  assert.match(problems([daily]), /limits the budget daily to 1.5: give an integer/);
  assert.match(problems([{ ...daily, by: "tier" }]), /limits the budget daily, which is shared by tier: remove it here/);
  assert.match(problems([{ ...daily, name: "other" }]), /names the budget daily, which `budgets.limits` has not/);
  const { limit: _, ...unlimited } = daily;
  assert.match(problems([unlimited], {}), /has no `limit`, and no API_KEYS_FILE has one/);
  assert.match(problems([{ ...unlimited, by: "all" }]), /has no `limit`: set one, since only a budget `by: principal`/);
  const bad = await cli(["keys", "create", "bob", "--budget", "daily"], { env: { API_KEYS_FILE: keys.path } });
  assert.deepEqual([bad.code, /--budget must be a name and a limit such as daily=200000, got "daily"/.test(bad.stderr)], [2, true]);
});

test("create and rotate refuse to write a keys file that the gateway would refuse, and revoke says that it has no effect yet", async () => {
  using keys = keysFolder();
  const ada = await keys.create("ada", "--budget", "trial=1");
  const CONFIG_FILE = configFile({ budgets: { limits: [daily, { ...daily, name: "trial" }] } });
  const env = { API_KEYS_FILE: keys.path, CONFIG_FILE };
  await using gateway = await startTestGateway(env);
  const status = async (key: string) => (await fetch(`${gateway.url}/v1/budget`, { headers: { authorization: `Bearer ${key}` } })).status;
  assert.equal(await status(ada.key), 200);

  const before = readFileSync(keys.path, "utf8");
  const create = await cli(["keys", "create", "bob", "--budget", "dayly=5"], { env });
  assert.deepEqual([create.code, create.stdout, readFileSync(keys.path, "utf8")], [1, "", before]);
  assert.match(create.stderr, /names the budget dayly, which `budgets.limits` has not: did you mean daily\?/);
  const elsewhere = await cli(["keys", "rotate", "ada", "--config", configFile({ budgets: { limits: [daily] } })], { env });
  assert.deepEqual([elsewhere.code, elsewhere.stdout, readFileSync(keys.path, "utf8")], [1, "", before]);

  writeFileSync(keys.path, before.replace("trial", "gone"));
  await eventually(() => gateway.log.some(({ message }) => message === "invalid keys file; keeping the previous keys"), "it is refused");
  const bob = await cli(["keys", "create", "bob"], { env });
  assert.deepEqual([bob.code, bob.stdout], [1, ""]);
  writeFileSync(
    keys.path,
    `${before.replace("trial", "gone")}  - id: eve\n    sha256: ${"0a".repeat(32)}\n    budgets: [{ name: none, limit: 1 }]\n`,
  );
  const revoke = await cli(["keys", "revoke", "ada"], { env });
  assert.equal(revoke.code, 1);
  assert.match(revoke.stdout, /^Wrote the revocation of /);
  assert.match(revoke.stderr, /NOT IN EFFECT: the gateway keeps its previous keys.*\n- keys\[1\] in .* names the budget none/);
  assert.equal(await status(ada.key), 200);
  const last = await cli(["keys", "revoke", "eve"], { env });
  assert.deepEqual([last.code, last.stderr], [0, ""]);
  await eventually(async () => (await status(ada.key)) === 401, "both revocations are in force");
});

test("keys commands say what they could not check without a valid configuration, and refuse API_KEY as a key of the file", async () => {
  using keys = keysFolder();
  const unchecked = await cli(["keys", "create", "ada", "--budget", "daily=5"], { env: { API_KEYS_FILE: keys.path } });
  assert.deepEqual([unchecked.code, /Budgets of keys were not checked/.test(unchecked.stderr)], [0, true]);
  const env = { API_KEYS_FILE: keys.path, CONFIG_FILE: configFile("server: { prt: 1 }") };
  const broken = await cli(["keys", "create", "bob"], { env });
  assert.deepEqual([broken.code, /The configuration is not valid/.test(broken.stderr)], [0, true]);
  const own = { API_KEYS_FILE: keys.path, API_KEY: unchecked.stdout.trim() };
  const doubled = await cli(["keys", "create", "cyd"], { env: own });
  assert.deepEqual([doubled.code, /holds API_KEY/.test(doubled.stderr)], [1, true]);
});
