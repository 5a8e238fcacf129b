import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

import { loadConfig, type StartedGateway, startGateway } from "@aivillage/gateway";
import { hasProgram } from "@aivillage/testing";

export const key = "example-key-0123456789";

/** Why tests that need a program are left out, if it is not installed. */
export const skip = (program: string): string | false => (hasProgram(program) ? false : `${program} is not installed`);

/** Starts the gateway with the configuration of this example, its `${NAME}` replaced by `values`. Routes without their values are left out. */
export async function startExample(t: TestContext, values: Readonly<Record<string, string>>): Promise<StartedGateway> {
  const folder = mkdtempSync(join(tmpdir(), "backends-"));
  const file = join(folder, "gateway.yaml");
  writeFileSync(file, filledIn(readFileSync(new URL("../gateway.yaml", import.meta.url), "utf8"), values));
  const env = { CONFIG_FILE: file, GATEWAY_HOST: "127.0.0.1", GATEWAY_PORT: "0", API_KEY: key, RATE_LIMIT_REQUESTS: "100000" };
  const config = loadConfig({ env });
  const quiet = () => undefined;
  const gateway = await startGateway(config, { logger: { debug: quiet, info: quiet, warn: quiet, error: quiet }, drainMs: 500 });
  t.after(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true });
  });
  return gateway;
}

function filledIn(yaml: string, values: Readonly<Record<string, string>>): string {
  const [head = "", ...routes] = yaml.split(/^(?= {2}(?:#.*\n {2})*- path)/m);
  const names = (text: string) => [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = ""]) => name);
  const kept = routes.filter((route) => names(route).every((name) => name in values));
  return [head, ...kept].join("").replaceAll(/\$\{(\w+)\}/g, (_all, name: string) => values[name] ?? "");
}

/** The URL of a server that listens on a free port. */
export async function listenOn(t: TestContext, server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
