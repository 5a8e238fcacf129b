import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { endWithProcess } from "../end-with-process.ts";
import { freePort } from "../free-port.ts";
import { untilListening } from "../until-listening.ts";
import { endProcess } from "../when-closed.ts";

/** A Verdaccio that has the packages of this repository alone. `await using` ends it. */
export interface LocalRegistry extends AsyncDisposable {
  readonly url: string;
  /** Lines of an `.npmrc`: packages of the scope come from this registry, and may be published to it. */
  readonly npmrc: string;
}

/** Starts a registry with its files below `folder`, on a free port of this machine. */
export async function startLocalRegistry(folder: string): Promise<LocalRegistry> {
  const port = await freePort();
  const config = {
    storage: join(folder, "storage"),
    auth: { htpasswd: { file: join(folder, "htpasswd") } },
    packages: { "@aivillage/*": { access: "$all", publish: "$anonymous $all" }, "**": { access: "$all" } },
    max_body_size: "50mb",
    log: { type: "stdout", format: "pretty", level: "error" },
  };
  const file = join(folder, "verdaccio.yaml");
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  const verdaccio = join(import.meta.dirname, "../../node_modules/.bin/verdaccio");
  const child = spawn(verdaccio, ["--config", file, "--listen", `127.0.0.1:${port}`], { stdio: ["ignore", "ignore", "inherit"] });
  endWithProcess(child);
  await untilListening(port, child);
  const host = `127.0.0.1:${port}/`;
  return {
    url: `http://${host}`,
    npmrc: `@aivillage:registry=http://${host}\n//${host}:_authToken=anybody\n`,
    [Symbol.asyncDispose]: () => endProcess(child),
  };
}
