import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createKey } from "@aivillage/api-key-auth/keys-file";

import type { Variables } from "../../config/loader/environment.ts";
import { type Listening, originOf } from "./members.ts";

/** What the gateway needs for its console, and the address to open. */
export interface DemoOperator {
  /** The admin listener, which only this machine reaches. */
  readonly listener: Listening;
  readonly env: Variables;
  /** The part after `#` holds a key. Browsers send that part to no server. */
  consoleUrl(port: number): string;
  close(): void;
}

/**
 * Makes a key that may change things through the console. It is valid for this demo alone, and as long as it runs. If the operator has a
 * keys file, or where no temporary file can be written, as in a container that is read-only, the page asks for a key instead. On a Unix
 * socket no browser reaches the console.
 */
export async function demoOperator(env: Variables): Promise<DemoOperator | undefined> {
  if (env["ADMIN_SOCKET"] !== undefined) return undefined;
  // Any free port: the address is printed.
  const listener = { name: "console", host: env["ADMIN_HOST"] ?? "127.0.0.1", portVariable: "ADMIN_PORT", defaultPort: 0 };
  const urlOf = (port: number, fragment = ""): string => `${originOf(listener, port)}/console/${fragment}`;
  const made = env["API_KEYS_FILE"] === undefined ? await makeOwnKey() : undefined;
  if (made === undefined) return { listener, env: {}, consoleUrl: (port) => urlOf(port), close: () => undefined };
  return {
    listener,
    env: { API_KEYS_FILE: made.file },
    consoleUrl: (port) => urlOf(port, `#key=${made.key}`),
    close: () => rmSync(made.folder, { recursive: true, force: true }),
  };
}

/** A key in a keys file of its own; `undefined` where the system writes no temporary file. */
async function makeOwnKey() {
  try {
    const folder = mkdtempSync(join(tmpdir(), "aivillage-demo-"));
    const file = join(folder, "keys.yaml");
    const { key } = await createKey(file, { id: "demo", scopes: ["admin"] });
    return { folder, file, key };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return undefined;
  }
}
