import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createKey } from "@aivillage/api-key-auth/keys-file";

import type { Member } from "./members.ts";

/** The gateway's listener for the operator, with the console. Only this machine reaches it. */
export const adminListener: Pick<Member, "name" | "host" | "portVariable" | "defaultPort"> = {
  name: "console",
  host: process.env["ADMIN_HOST"] ?? "127.0.0.1",
  portVariable: "ADMIN_PORT",
  // Any free one: its address is printed.
  defaultPort: 0,
};

/** What the gateway needs for the console, and the address to open. */
export interface Operator {
  readonly env: NodeJS.ProcessEnv;
  /** The part after `#` holds a key, which browsers send nowhere by themselves. */
  consoleUrl(origin: string): string;
  close(): void;
}

/**
 * Makes a key that may change things through the console. It is valid in this village alone, and as long as it runs. With a keys file of
 * the operator the page asks for one of its keys instead.
 */
export async function makeOperator(): Promise<Operator> {
  if (process.env["API_KEYS_FILE"] !== undefined) return { env: {}, consoleUrl: (origin) => `${origin}/console/`, close: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), "village-"));
  const file = join(folder, "keys.yaml");
  const { key } = await createKey(file, { id: "village", scopes: ["admin"] });
  return {
    env: { API_KEYS_FILE: file },
    consoleUrl: (origin) => `${origin}/console/#key=${key}`,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
