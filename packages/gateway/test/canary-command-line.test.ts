import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { loadConfig } from "../src/index.ts";
import { Canaries } from "./canary-support.ts";
import { cli } from "./cli-support.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-canary-"));
after(() => rmSync(folder, { recursive: true }));

describe("the command line", () => {
  /** Runs a command to its end and returns its exit code and where the secrets stood that it printed. */
  async function run(canaries: Canaries, args: readonly string[], env: Record<string, string>) {
    const { code, stdout, stderr } = await cli(args, { env });
    const printed = stdout + stderr;
    return { code, printed, leaks: canaries.in(printed) };
  }

  test("prints no secret of a sound configuration", async () => {
    const canaries = new Canaries();
    const secretFile = join(folder, "secret-key");
    writeFileSync(secretFile, canaries.plant("SECRET_KEY_FILE"));
    const env = {
      API_KEY: canaries.plant("API_KEY"),
      SECRET_KEY_FILE: secretFile,
      REDIS_URL: `redis://:${canaries.plant("REDIS_URL")}@127.0.0.1:1`,
      API_KEZ: canaries.plant("a variable with a slip"),
    };
    for (const command of ["print-config", "check-config", "schema"]) {
      const { code, printed, leaks } = await run(canaries, [command], env);
      assert.equal(code, 0, printed);
      assert.deepEqual(leaks, [], command);
    }
  });

  test("prints no secret of one that it refuses", async () => {
    const canaries = new Canaries();
    const credentials = (place: string): string => `${canaries.plant(place)}:${canaries.plant(place)}`;
    const { code, printed, leaks } = await run(canaries, ["check-config"], {
      API_KEY: `${canaries.plant("API_KEY")} with a space`,
      SECRET_KEY: `${canaries.plant("SECRET_KEY")} with a space`,
      REDIS_URL: `http://${credentials("REDIS_URL")}@redis:6379`,
      TWIN_URL: `http://twin:8001,http://${credentials("TWIN_URL")}@twin:8002`,
      AGENT_CONTROLLER_URL: `http://agent:8001/?key=${canaries.plant("AGENT_CONTROLLER_URL")}`,
      CORS_ORIGINS: `https://${credentials("CORS_ORIGINS")}@app.example`,
    });
    assert.equal(code, 1);
    assert.match(printed, /6 problems/);
    assert.deepEqual(leaks, []);
  });

  test("quotes nothing of a file that is no YAML or holds something else", async () => {
    const canaries = new Canaries();
    const plant = (): string => canaries.plant("the configuration file");
    const file = join(folder, "bad.yaml");
    const documents: [string, RegExp][] = [
      [`auth: { apiKey: *${plant()} }`, /not valid YAML/],
      [`auth: { apiKey: "${plant()}`, /not valid YAML: missing char at line 1, column/],
      [`auth:\n  apiKey: @${plant()}`, /not valid YAML: bad scalar start at line 2, column 11/],
      [`auth: { secretKey: { inside: ${plant()} } }`, /`auth.secretKey` in .* must be/],
      [`services: { twin: ["http://a:${plant()}@b"] }`, /services.twin` must be/],
      [`routes: [{ path: /a, upstream: ["http://a:${plant()}@b"] }]`, /`routes`\[0\] \/a has a user or password in `upstream`\[0\]/],
    ];
    for (const [document, problem] of documents) {
      writeFileSync(file, document);
      assert.throws(
        () => loadConfig({ env: {}, file }),
        ({ message }: Error) => problem.test(message) && canaries.in(message).length === 0,
      );
    }
    // What the parser only warns of is printed by nobody either.
    writeFileSync(file, `auth: { apiKey: !${plant()} x }`);
    const { code, printed, leaks } = await run(canaries, ["check-config", "--config", file], {});
    assert.equal(code, 0, printed);
    assert.deepEqual(leaks, []);
  });
});
