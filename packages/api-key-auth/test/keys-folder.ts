import { temporaryFile, type TemporaryFile } from "@aivillage/testing";

import { KeyRing } from "../src/index.ts";
import { createKey, type CreateKeyOptions, parseKeysFile, toApiKeys } from "../src/keys-file/index.ts";

/** 2026-01-01T00:00:00Z, when the keys of a folder are created. */
export const nowMs = 1_767_225_600_000;
export const now = (): number => nowMs;

/** A folder with a keys file that does not exist yet. `using` removes it. */
export interface KeysFolder extends TemporaryFile {
  /** Creates a key for a client. */
  create(id: string, options?: Partial<CreateKeyOptions>): Promise<{ readonly key: string; readonly keyId: string }>;
  /** Whose key this is by the file, at an instant and from an address, or why it is nobody's. */
  verdict(key: string, at?: number, address?: string): string;
}

export function keysFolder(): KeysFolder {
  const file = temporaryFile("keys.yaml");
  const { path, read } = file;
  return {
    ...file,
    create: async (id, options) => {
      const { key, entry } = await createKey(path, { id, now, ...options });
      return { key, keyId: entry.keyId ?? "" };
    },
    verdict: (key, at = nowMs, address) => {
      const verdict = new KeyRing(toApiKeys(parseKeysFile(read(), path))).check(key, at, address);
      return typeof verdict === "object" ? `${verdict.id} ${verdict.keyId}` : verdict;
    },
  };
}
