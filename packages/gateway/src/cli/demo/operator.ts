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
 * keys file, the page asks for one of its keys instead. On a Unix socket no browser reaches the console.
 */
export async function demoOperator(env: Variables): Promise<DemoOperator | undefined> {
  if (env["ADMIN_SOCKET"] !== undefined) return undefined;
  // Any free port: the address is printed.
  const listener = { name: "console", host: env["ADMIN_HOST"] ?? "127.0.0.1", portVariable: "ADMIN_PORT", defaultPort: 0 };
  const urlOf = (port: number, fragment = ""): string => `${originOf(listener, port)}/console/${fragment}`;
  if (env["API_KEYS_FILE"] !== undefined) return { listener, env: {}, consoleUrl: (port) => urlOf(port), close: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), "aivillage-demo-"));
  const file = join(folder, "keys.yaml");
  const { key } = await createKey(file, { id: "demo", scopes: ["admin"] });
  return {
    listener,
    env: { API_KEYS_FILE: file },
    consoleUrl: (port) => urlOf(port, `#key=${key}`),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
