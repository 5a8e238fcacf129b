import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { eventually, freePort } from "@aivillage/testing";

import { buildImages, workdirOf } from "./build-image.ts";
import { allSteps, environmentOf, lastOf } from "./containers.ts";
import { run, type RunningProcess } from "./running-gateway.ts";

const keys = { API_KEY: randomBytes(32).toString("hex"), SECRET_KEY: randomBytes(32).toString("hex") };

describe("the image of the Dockerfile, built in empty folders", { timeout: 900_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "aivillage-image-"));
  const steps = allSteps("gateway");
  before(() => buildImages(folder));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Starts what the image starts, or with other arguments. It may read every file and write none. */
  function start(env: Record<string, string>, ...given: string[]): RunningProcess {
    const [, ...entry] = lastOf(steps, "ENTRYPOINT") as string[];
    return startProgram(env, ...entry, ...(given.length > 0 ? given : (lastOf(steps, "CMD") as string[])));
  }

  function startProgram(env: Record<string, string>, ...args: string[]): RunningProcess {
    return run({
      command: process.execPath,
      args: ["--permission", "--allow-fs-read=*", ...args],
      cwd: join(folder, "gateway", workdirOf(steps)),
      env: { PATH: process.env["PATH"], ...environmentOf(steps), ...env },
    });
  }

  /** Waits until the image's health check of a port and path ends with 0. It gives up by itself when the machine is too busy. */
  async function untilHealthy(target: string): Promise<void> {
    const args = [join(folder, "gateway", "usr/local/lib/healthcheck.ts"), target];
    await eventually(async () => (await run({ command: process.execPath, args }).ended) === 0, `${target} is healthy`);
  }

  test("there is no library for development in it", () => {
    const libraries = globSync("app/node_modules/.pnpm/*", { cwd: join(folder, "gateway") }).map((path) => path.split("/").at(-1) ?? "");
    assert.ok(libraries.some((name) => name.startsWith("express@")));
    assert.deepEqual(
      libraries.filter((name) => /^(typescript|turbo|oxlint|oxfmt|knip|node|world-countries)@/.test(name)),
      [],
    );
  });

  test("the gateway reports what is wrong with its configuration", async () => {
    await using gateway = start({ ENVIRONMENT: "production" });
    assert.equal(await gateway.ended, 1);
    assert.match(gateway.output(), /API_KEY is the public development key/);
    await using check = start({ ENVIRONMENT: "production", CORS_ORIGINS: "https://app.example.org", ...keys }, "check-config");
    assert.equal(await check.ended, 0);
  });

  for (const environment of ["production", "development"]) {
    test(`in ${environment} the gateway responds with the help of its services, writes no file, and ends on SIGTERM`, async () => {
      await using stack = new AsyncDisposableStack();
      const [twinPort, agentPort, knowledgePort, port] = [await somePort(), await somePort(), await somePort(), await somePort()];
      const knowledge = `http://127.0.0.1:${knowledgePort}`;
      const members = [
        { name: "twin", target: twinPort, env: { VILLAGE_TWIN_PORT: twinPort } },
        {
          name: "agent-controller",
          target: agentPort,
          env: { VILLAGE_AGENT_CONTROLLER_PORT: agentPort, KNOWLEDGE_SYSTEM_URL: knowledge },
        },
        { name: "knowledge-system", target: knowledgePort, env: { VILLAGE_KNOWLEDGE_SYSTEM_PORT: knowledgePort } },
      ];
      const processes = members.map(({ name, env }) => stack.use(startProgram(env, "dist/demo/serve.js", name)));
      await Promise.all(processes.map((member) => member.until(/listens on http:\/\/127\.0\.0\.1:/)));
      for (const { target } of members) await untilHealthy(`${target}/healthz`);

      const services = {
        TWIN_URL: `http://127.0.0.1:${twinPort}`,
        AGENT_CONTROLLER_URL: `http://127.0.0.1:${agentPort}`,
        KNOWLEDGE_SYSTEM_URL: knowledge,
      };
      const settings = { ENVIRONMENT: environment, CORS_ORIGINS: "https://app.example.org", GATEWAY_PORT: port };
      const gateway = stack.use(start({ ...settings, ...keys, ...services }));
      await gateway.until(/"gateway listens"/);
      await untilHealthy(`${port}/livez`);
      const response = await fetch(`http://127.0.0.1:${port}/v1/query`, {
        method: "POST",
        headers: { authorization: `Bearer ${keys.API_KEY}`, "content-type": "application/json" },
        body: JSON.stringify({ query: "What is the capital of France?" }),
      });
      assert.match(await response.text(), /Paris/);

      for (const each of [gateway, ...processes]) each.child.kill("SIGTERM");
      assert.deepEqual(await Promise.all([gateway, ...processes].map(({ ended }) => ended)), [0, 0, 0, 0]);
    });
  }
});

const somePort = async (): Promise<string> => String(await freePort());
