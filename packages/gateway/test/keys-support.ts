import { KeyRing } from "@aivillage/api-key-auth";
import { temporaryFile, type TemporaryFile } from "@aivillage/testing";

import { readApiKeys } from "../src/config/loader/api-keys-file.ts";
import { cli, type Ended } from "./cli-support.ts";

/** 2026-01-01T00:00:00Z; the clock of the commands. */
export const nowMs = 1_767_225_600_000;

/** What the gateway says to a key, from the file as it is. */
export function gatewaySays(path: string, key: string, at = nowMs, address?: string): string {
  const verdict = new KeyRing(readApiKeys({ apiKey: "the-key-of-the-configuration", apiKeysFile: path })).check(key, at, address);
  return typeof verdict === "object" ? `${verdict.id} ${verdict.keyId}` : verdict;
}

/** A folder of its own with a keys file that does not exist yet. `using` removes it. */
export interface KeysFolder extends TemporaryFile {
  /** Runs a command on the file at an instant, with this on standard input. */
  run(args: readonly string[], options?: { input?: string; at?: number }): Promise<Ended>;
  /** Makes a key and returns it. */
  create(...args: readonly string[]): Promise<{ key: string; keyId: string }>;
}

export function keysFolder(): KeysFolder {
  const file = temporaryFile("keys.yaml");
  const run: KeysFolder["run"] = (args, { input = "", at = nowMs } = {}) =>
    cli(["keys", ...args], { env: { API_KEYS_FILE: file.path }, input, at });
  return {
    ...file,
    run,
    create: async (...args) => {
      const { code, stdout, stderr } = await run(["create", ...args, "--json"]);
      if (code !== 0) throw new Error(stderr);
      return JSON.parse(stdout) as { key: string; keyId: string };
    },
  };
}
