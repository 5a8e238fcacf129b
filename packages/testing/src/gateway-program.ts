import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { root } from "./root.ts";

const variable = "AIVILLAGE_TEST_GATEWAY";

/** The command line of the gateway: its source, or in a run of all tests what was built of it, which starts faster. */
export const gatewayProgram = (): string =>
  process.env[variable] ?? fileURLToPath(new URL("cli.ts", import.meta.resolve("@aivillage/gateway")));

/** Builds the gateway for the test processes that this process starts. */
export function buildGateway(): void {
  const config = join(root, "packages/rolldown.test-gateway.config.ts");
  execFileSync(join(root, "node_modules/.bin/rolldown"), ["--config", config, "--log-level", "silent"], { cwd: root });
  // Beside the sources, since the program looks for the files of its package from where it is.
  process.env[variable] = join(root, "packages/gateway/.test-build/cli.js");
}
