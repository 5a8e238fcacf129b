import { FileSnapshot } from "@aivillage/middleware";

import { settingProblems } from "./check-config.ts";
import { type ConfigSources, loadConfig, readConfig } from "./load-config.ts";
import { ConfigError } from "./loader/config-error.ts";
import type { GatewayConfig } from "./settings/gateway-config.ts";
import { settings } from "./settings/schema.ts";
import { valueAt } from "./settings/value-at.ts";

/**
 * The configuration of a gateway that runs, for a command that asks it. A gateway goes on with what it has when it refuses its files, which
 * is when it is asked most: then the settings of a group have to be valid, and the others do not matter.
 *
 * @param group such as `admin` or `rateLimit.redisUrl`
 * @param onRefused is called when the whole is not valid
 * @throws ConfigError with every problem when not even these settings can be read
 */
export function settingsOfRunning(sources: ConfigSources, group: string, onRefused: () => void): GatewayConfig {
  try {
    return loadConfig(sources);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const config = readGroup(sources, group);
    if (config === undefined) throw error;
    onRefused();
    return config;
  }
}

function readGroup(sources: ConfigSources, group: string): GatewayConfig | undefined {
  const needed = settings.filter(({ key }) => `${key}.`.startsWith(`${group}.`));
  try {
    const { config } = readConfig(sources, new FileSnapshot());
    return needed.every((setting) => settingProblems(setting, valueAt(config, setting.key)).length === 0) ? config : undefined;
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}
