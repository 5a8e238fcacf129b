import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { needsRedis, startRedis, eventually } from "@aivillage/testing";

import { withSharedStore } from "../src/cli/penalties/shared-store.ts";
import { startRefusingRedis } from "./canary-support.ts";
import { cli, type Ended } from "./cli-support.ts";
import { runPenalties } from "./penalties-support.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-penalties-"));
after(() => rmSync(folder, { recursive: true }));

/** A Redis, a gateway that uses it, and the commands as they are beside that gateway. */
async function startBoth() {
  const redis = await startRedis();
  const env = { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
  const gateway = await startTestGateway(env);
  return {
    redis,
    env,
    gateway,
    run: (...args: readonly string[]) => runPenalties(args, env),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}

/** Penalises a client, and returns when Redis knows it. */
async function penalise({ gateway: { penalties } }: TestGateway, run: () => Promise<Ended>, keys: readonly string[], reason = "input") {
  for (const key of keys) penalties.report(key, 11, reason);
  const isKnown = async (): Promise<boolean> => {
    const listed = JSON.parse((await run()).stdout) as { address: string; principal?: string }[];
    const known = listed.map(({ address, principal }) => (principal === undefined ? address : `${principal} ${address}`));
    return keys.every((key) => known.includes(key));
  };
  await eventually(isKnown, "Redis knows the penalties");
}

const addressesOf = ({ stdout }: Ended): string[] => (JSON.parse(stdout) as { address: string }[]).map(({ address }) => address);

describe("penalties of gateways that share a Redis", needsRedis, () => {
  test("list shows who is penalised by address, why and for how long, for people and as JSON", async () => {
    await using both = await startBoth();
    const list = (): Promise<Ended> => both.run("list", "--json");
    assert.deepEqual(await both.run("list"), { code: 0, stdout: "No client is penalised.\n", stderr: "" });
    assert.deepEqual(await list(), { code: 0, stdout: "[]\n", stderr: "" });
    await penalise(both.gateway, list, ["192.0.2.10", "2001:db8::/56", "192.0.2.9"]);
    await penalise(both.gateway, list, ["key:ada 192.0.2.9", "jwt:a b \u001B[31m 192.0.2.9"]);
    await penalise(both.gateway, list, ["203.0.113.1"], "a\u001B[31mred");
    const { code, stdout, stderr } = await both.run("list");
    assert.deepEqual([code, stderr], [0, ""]);
    const [head, ...lines] = stdout.trimEnd().split("\n");
    assert.match(head ?? "", /^ADDRESS +PRINCIPAL +CLIENT +REASON +SECONDS$/);
    const rows = lines.map((line) => line.split(/ {2,}/));
    assert.deepEqual(
      rows.map(([address, principal, , reason]) => `${address} ${principal} ${reason}`),
      [
        "192.0.2.9 (anonymous) input",
        "192.0.2.9 jwt:a b ?[31m input",
        "192.0.2.9 key:ada input",
        "192.0.2.10 (anonymous) input",
        "203.0.113.1 (anonymous) a?[31mred",
        "2001:db8::/56 (anonymous) input",
      ],
    );
    const told = both.gateway.log.filter(({ message }) => message === "penalty changed");
    for (const [address = "", , client = ""] of rows) {
      const line = told.find((each) => each["client"] === client);
      assert.equal(line?.["address"], address, "as the log names it");
    }
    const json = JSON.parse((await list()).stdout) as {
      address: string;
      principal?: string;
      client: string;
      reason: string;
      seconds: number;
    }[];
    assert.deepEqual(
      json.map(({ address, client }) => [address, client]),
      rows.map(([address, , client]) => [address, client]),
    );
    assert.deepEqual(
      json.slice(0, 3).map(({ principal }) => principal),
      [undefined, "jwt:a b \u001B[31m", "key:ada"],
    );
    assert.equal(json[4]?.reason, "a\u001B[31mred");
    for (const { seconds } of json) assert.ok(Number.isInteger(seconds) && seconds > 40 && seconds <= 60, String(seconds));
  });

  test("clear ends the penalties of those addresses and of no others, whatever their form, and says which had none", async () => {
    await using both = await startBoth();
    const list = (): Promise<Ended> => both.run("list", "--json");
    await penalise(both.gateway, list, ["192.0.2.1", "192.0.2.2", "2001:db8:1:200::/56", "2001:db8:2::/56", "unknown"]);
    const forms = ["::ffff:192.0.2.1", "2001:DB8:1:2ff::1", "2001:db8:1:200::/56", "2001:db8:2::/56", "unknown", "192.0.2.7"];
    const [told, { stdout, code }] = await Promise.all([both.run("clear", ...forms), both.run("clear", "192.0.2.3", "--json")]);
    assert.deepEqual(told, {
      code: 0,
      stdout: `${["192.0.2.1", "2001:db8:1:200::/56", "2001:db8:2::/56", "unknown"]
        .map((key) => `Cleared the penalty of ${key}.\n`)
        .join("")}192.0.2.7 was not penalised.\n`,
      stderr: "",
    });
    assert.deepEqual([code, JSON.parse(stdout)], [0, { cleared: [], notPenalised: ["192.0.2.3"] }]);
    assert.deepEqual(addressesOf(await list()), ["192.0.2.2"]);
    assert.deepEqual(
      both.gateway.gateway.penalties.list().map(({ key }) => key),
      ["192.0.2.2"],
    );
  });

  test("an address stands for everyone there, a principal for all its addresses, and both for one client", async () => {
    await using both = await startBoth();
    const list = (): Promise<Ended> => both.run("list", "--json");
    const ofAda = ["key:ada 192.0.2.1", "key:ada 192.0.2.2", "key:ada 2001:db8::/56"];
    const others = ["192.0.2.1", "192.0.2.3", "key:bob 192.0.2.1", "key:bob 192.0.2.2", "key:bob 192.0.2.3"];
    await penalise(both.gateway, list, [...ofAda, ...others]);
    const [one, address, principal] = await Promise.all([
      both.run("clear", "key:bob 192.0.2.3", "key:eve 192.0.2.1"),
      both.run("clear", "192.0.2.1"),
      both.run("clear", "key:ada", "jwt:ada", "--json"),
    ]);
    assert.equal(one.stdout, "Cleared the penalty of key:bob 192.0.2.3.\nkey:eve 192.0.2.1 was not penalised.\n");
    assert.match(address.stdout, /^Cleared the penalty of 192\.0\.2\.1\.\n/);
    assert.match(address.stdout, /^Cleared the penalty of key:bob 192\.0\.2\.1\.$/m);
    const { cleared, notPenalised } = JSON.parse(principal.stdout) as { cleared: string[]; notPenalised: string[] };
    assert.ok(cleared.includes("key:ada 192.0.2.2") && cleared.includes("key:ada 2001:db8::/56"));
    assert.deepEqual(notPenalised, ["jwt:ada"]);
    const left = JSON.parse((await list()).stdout) as { address: string; principal?: string }[];
    assert.deepEqual(
      left.map((entry) => [entry.principal, entry.address]),
      [
        ["key:bob", "192.0.2.2"],
        [undefined, "192.0.2.3"],
      ],
    );
  });

  test("an argument that is not a client is named with what is expected, and nothing is cleared", async () => {
    await using both = await startBoth();
    const list = (): Promise<Ended> => both.run("list", "--json");
    await penalise(both.gateway, list, ["192.0.2.1"]);
    for (const bad of ["192.0.2.256", "192.0.2.0/24", "192.0.2.1/56", "2001:db8::/64", "/56", "client.example", "", "a\u001B[31mred"]) {
      const { code, stdout, stderr } = await both.run("clear", "192.0.2.1", bad);
      assert.deepEqual([code, stdout], [2, ""], bad);
      assert.ok(stderr.includes(`${JSON.stringify(bad)} is not a client: expected an IPv4 address such as`), stderr);
      assert.match(stderr, /nothing was cleared\nTry: aivillage-gateway penalties clear --help\n$/);
      assert.ok(!stderr.includes("\u001B"));
    }
    assert.deepEqual(addressesOf(await list()), ["192.0.2.1"]);
  });

  test("of more than 10,000 it lists and searches so many, and says that there are more", async () => {
    await using redis = await startRedis();
    const source = "for i = 1, 10200 do redis.call('HSET', KEYS[1], 'k:client-' .. i, ARGV[1] .. ' 60000 input') end";
    await redis.command("EVAL", source, "1", "aivillage:rate-limit:{penalties}", String(Date.now() + 60_000));
    const env = { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
    // The commands give up after ten seconds, which a busy machine may need.
    const patiently = (...args: string[]): Promise<Ended> =>
      eventually(async () => {
        const ended = await runPenalties(args, env);
        return !ended.stderr.includes("did not respond within") && ended;
      }, "Redis responds in time") as Promise<Ended>;
    const ended = await patiently("list", "--json");
    const unsure = await patiently("clear", "key:ada");
    assert.equal(unsure.code, 1);
    assert.match(
      unsure.stderr,
      /more penalties than the 10000 that were searched, .*: clear them by both, such as "key:ada 192\.0\.2\.1"\n$/,
    );
    const sure = await patiently("clear", "key:ada 192.0.2.1");
    assert.deepEqual([sure.code, sure.stderr], [0, ""]);
    assert.deepEqual([ended.code, ended.stderr], [0, "There are more: these are 10000 of them.\n"]);
    assert.equal(new Set(addressesOf(ended)).size, 10_000);
  });

  test("the file says where Redis is, and the environment wins over it", async () => {
    await using both = await startBoth();
    await penalise(both.gateway, () => both.run("list", "--json"), ["192.0.2.1"]);
    await both.redis.command("ACL", "SETUSER", "ada", "on", ">c4n4ry", "~*", "+@all");
    const file = join(folder, "gateway.yaml");
    writeFileSync(file, `rateLimit: { redisUrl: "redis://ada:c4n4ry@127.0.0.1:${both.redis.port}" }`);
    const list = ["list", "--json"];
    assert.deepEqual(addressesOf(await runPenalties([...list, "--config", file])), ["192.0.2.1"]);
    assert.deepEqual(addressesOf(await runPenalties(list, { CONFIG_FILE: file })), ["192.0.2.1"]);
    const printed = await runPenalties(["list"], { CONFIG_FILE: file });
    assert.ok(!`${printed.stdout}${printed.stderr}`.includes("c4n4ry"));
    assert.equal((await runPenalties(list, { CONFIG_FILE: file, REDIS_URL: "redis://127.0.0.1:1" })).code, 1);
  });

  test("a Redis that is silent, down or refusing is exit code 1, and its URL is not printed", async () => {
    await using redis = await startRedis();
    redis.freeze();
    // With no patience the connection is given up before it is there.
    for (const patienceMs of [0, 300]) {
      const asked = withSharedStore(`redis://127.0.0.1:${redis.port}`, (store) => store.listPenalties(), patienceMs);
      const message = `the Redis of REDIS_URL did not respond within ${patienceMs / 1_000} seconds`;
      await assert.rejects(asked, { name: "CommandError", exitCode: 1, message });
    }
    redis.thaw();
    await using refusing = await startRefusingRedis();
    const places: [string, string][] = [
      ["127.0.0.1:1", "ECONNREFUSED"],
      [`127.0.0.1:${refusing.port}`, "WRONGPASS"],
      [`127.0.0.1:${redis.port}`, "WRONGPASS"],
    ];
    for (const [place, reason] of places) {
      const { code, stdout, stderr } = await runPenalties(["clear", "192.0.2.1"], { REDIS_URL: `redis://ada:c4n4ry@${place}` });
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, new RegExp(`^aivillage-gateway penalties: the Redis of REDIS_URL cannot be asked: ${reason}\\n$`));
    }
    assert.match(refusing.asked(), /c4n4ry/);
    const { code, stderr } = await runPenalties(["list"], { REDIS_URL: "redis://ada:c4n4ry@127.0.0.1:1/no-number" });
    assert.deepEqual([code, stderr.includes("c4n4ry")], [1, false]);
    assert.match(stderr, /^aivillage-gateway penalties: The configuration has 1 problem:\n {2}- REDIS_URL must be/);
  });
});

test("without Redis there is nothing to ask: the error says where penalties are then and what ends them, exit code 1", async () => {
  for (const args of [["list"], ["list", "--json"], ["clear", "192.0.2.1"]]) {
    const { code, stdout, stderr } = await runPenalties(args);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^aivillage-gateway penalties: REDIS_URL is not set, .* the memory of each gateway, and end with its restart\n$/);
  }
});

test("a configuration with errors is exit code 1, with all of them printed", async () => {
  const { code, stdout, stderr } = await runPenalties(["list"], { REDIS_URL: "http://ada:c4n4ry@redis", WORKERS: "none" });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /^aivillage-gateway penalties: The configuration has 2 problems:\n/);
  assert.ok(!stderr.includes("c4n4ry"));
});

test("a wrong command line is exit code 2 and points to the help, which the help of the binary names", async () => {
  for (const args of [[], ["show"], ["list", "192.0.2.1"], ["clear"], ["clear", "--json"], ["list", "--frob"], ["list", "--config"]]) {
    const { code, stdout, stderr } = await runPenalties(args);
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
    assert.match(stderr, /^aivillage-gateway penalties: .+\nTry: aivillage-gateway penalties( list| clear)? --help\n$/);
  }
  const help = await runPenalties(["--help"]);
  assert.deepEqual([help.code, help.stderr], [0, ""]);
  assert.match(help.stdout, /^Usage: aivillage-gateway penalties COMMAND/);
  assert.match((await cli(["--help"])).stdout, /^ {2}penalties .*: see penalties --help$/m);
});
