import type { KeyRing } from "@aivillage/api-key-auth";
import type { FollowedKeysFile, KeyEntry } from "@aivillage/api-key-auth/keys-file";
import type { FileSnapshot } from "@aivillage/middleware";

import { readFileEntries } from "../config/loader/api-keys-file.ts";
import { originOf } from "../config/loader/source-files.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";
import { followApiKeys } from "./follow-api-keys.ts";
import type { NoteSource } from "./note-source.ts";

/** A ring in use: release it when no request needs it any more. */
export interface RingLease {
  readonly ring: KeyRing;
  release(): void;
}

/**
 * The followed keys, kept through changes of the configuration that do not concern them. Where only other keys change, what is in force of
 * the keys file stays in force: a change of the file itself has to pass its own checks.
 */
export interface ApiKeyRings {
  of(config: GatewayConfig): RingLease;
  /** What the keys file at the path held when it was accepted last. */
  inForce(path: string): FileSnapshot | undefined;
  /** The entries of the keys file that was asked for last, as it was accepted last. */
  entries(): readonly KeyEntry[];
}

interface Followed {
  readonly path: string;
  readonly keys: FollowedKeysFile;
  leases: number;
  /** The entries of a snapshot, parsed once. */
  parsed: { readonly of: FileSnapshot; readonly entries: readonly KeyEntry[] } | undefined;
}

/** @param logger `undefined` in a process beside others that follow the same keys file and log what becomes of it */
export function makeApiKeyRings(logger?: GatewayLogger, note: NoteSource = () => undefined): ApiKeyRings {
  const all = new Map<string, Followed>();
  let newest: Followed | undefined;
  const listener = {
    replaced: (count: number) => {
      note("keys", false);
      logger?.info({ keys: count }, "keys file read again");
    },
    failed: ({ message }: Error) => {
      note("keys", true);
      logger?.error({ reason: message }, "invalid keys file; keeping the previous keys");
    },
  };
  const inForce = (path: string): FileSnapshot | undefined => [...all.values()].findLast((each) => each.path === path)?.keys.inForce;

  function follow(config: GatewayConfig, source: string): Followed {
    const { auth, environment, budgets } = config;
    const known = inForce(auth.apiKeysFile) ?? originOf(config).keys;
    const keys = followApiKeys({ ...auth, environment, budgets }, listener, { inForce: known });
    note("keys", false);
    const followed: Followed = { path: auth.apiKeysFile, keys, leases: 0, parsed: undefined };
    all.set(source, followed);
    return followed;
  }

  function entriesOf(followed: Followed): readonly KeyEntry[] {
    const { path, keys } = followed;
    if (followed.parsed?.of !== keys.inForce) followed.parsed = { of: keys.inForce, entries: readFileEntries(path, keys.inForce) };
    return followed.parsed.entries;
  }

  return {
    of: (config) => {
      const { apiKey, secretKey, apiKeysFile } = config.auth;
      // The budgets that keys may name.
      const budgets = config.budgets.limits.map(({ name, unit, by }) => [name, unit, by]);
      const source = JSON.stringify([apiKey, secretKey, apiKeysFile, config.environment, budgets]);
      const followed = all.get(source) ?? follow(config, source);
      followed.leases += 1;
      newest = followed;
      return {
        ring: followed.keys.ring,
        release: () => {
          followed.leases -= 1;
          if (followed.leases > 0) return;
          followed.keys.close();
          all.delete(source);
        },
      };
    },
    inForce,
    entries: () => (newest === undefined ? [] : entriesOf(newest)),
  };
}
