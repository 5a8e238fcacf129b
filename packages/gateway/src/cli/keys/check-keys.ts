import { KeyRing } from "@aivillage/api-key-auth";
import { type KeyEntry, type KeysFileCheck, toApiKeys } from "@aivillage/api-key-auth/keys-file";
import { FileSnapshot, OptionError } from "@aivillage/middleware";

import { configFile, readConfig } from "../../config/load-config.ts";
import { configuredKey } from "../../config/loader/api-keys-file.ts";
import { ConfigError } from "../../config/loader/config-error.ts";
import { followedKeysProblems } from "../../config/rules/followed-keys-problems.ts";
import type { GatewayConfig } from "../../config/settings/gateway-config.ts";
import type { CliIo, ConfigFlags } from "../cli-io.ts";
import { sourcesOf } from "../sources.ts";
import { say } from "./keys-flags.ts";

/**
 * Checks a keys file before a command writes it, as the gateway does: with the configuration that the command line and the environment name.
 *
 * Says what is left unchecked because the configuration is missing or not valid.
 */
export function keysCheck(path: string, flags: Pick<ConfigFlags, "config">, io: CliIo): KeysFileCheck | undefined {
  const sources = sourcesOf(flags, io);
  const config = readableConfig(() => readConfig(sources, new FileSnapshot()));
  if (config === undefined) {
    say(io, "The configuration is not valid, so the keys file was not checked against it: run aivillage-gateway check-config");
    return undefined;
  }
  const hasFile = configFile(sources) !== undefined;
  return (entries) => {
    if (hasFile) return problemsOf(path, config, entries);
    if (entries.some(({ budgets = [], revoked }) => budgets.length > 0 && revoked !== true)) {
      say(io, "Budgets of keys were not checked: name the configuration with --config FILE or CONFIG_FILE");
    }
    return problemsOf(path, config, entries.map(withoutBudgets));
  };
}

function withoutBudgets(entry: KeyEntry): KeyEntry {
  const { budgets: _, ...rest } = entry;
  return rest;
}

function readableConfig(read: () => ReturnType<typeof readConfig>): GatewayConfig | undefined {
  try {
    const { config, unknown, problems } = read();
    return unknown.length + problems.length === 0 ? config : undefined;
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

function problemsOf(path: string, config: GatewayConfig, entries: readonly KeyEntry[]): readonly string[] {
  return [...followedKeysProblems(path, { ...config, ...config.auth }, entries), ...doubledKeyProblems(path, config, entries)];
}

/** The keys of the file are valid by themselves: what is left to be wrong is that one of them is `API_KEY`. */
function doubledKeyProblems(path: string, { auth }: GatewayConfig, entries: readonly KeyEntry[]): readonly string[] {
  const makeRing = () => new KeyRing([...toApiKeys(entries), configuredKey(auth.apiKey)]);
  try {
    makeRing();
    return [];
  } catch (error) {
    if (error instanceof OptionError) return [`${path} holds API_KEY: ${error.reason}`];
    throw error;
  }
}
