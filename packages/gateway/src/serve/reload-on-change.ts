import { type Stats, unwatchFile, watchFile } from "node:fs";

import { ConfigError } from "../config/config-error.ts";
import { type ConfigSources, loadConfig, sourceFiles } from "../config/load-config.ts";
import type { Gateway } from "../create-gateway.ts";

/** How often the files are looked at; a key that was taken out of its file is refused within a second. */
const intervalMs = 400;

/**
 * Loads the configuration again on SIGHUP and when one of its files has changed. One that has faults changes nothing.
 *
 * Files are looked at by name, which finds those that were replaced, such as the mounted secrets of a container, too.
 *
 * @returns the function that ends it
 */
export function reloadOnChange(sources: ConfigSources, gateway: Gateway): () => void {
  const { logger } = gateway;
  let watched: string[] = [];

  function unwatch(): void {
    for (const file of watched) unwatchFile(file, onChange);
    watched = [];
  }

  function watch(): void {
    unwatch();
    watched = sourceFiles(sources);
    for (const file of watched) watchFile(file, { interval: intervalMs, persistent: false }, onChange);
  }

  function loadAgain(reason: string): void {
    try {
      const needRestart = gateway.reload(loadConfig(sources));
      watch();
      logger.info({ reason }, "configuration reloaded");
      if (needRestart.length > 0) logger.warn({ settings: needRestart }, "settings keep their value until a restart");
    } catch (error) {
      const faults = error instanceof ConfigError ? error.faults : [(error as Error).message];
      logger.error({ reason, faults }, "configuration not reloaded, the old one stays");
    }
  }

  const onChange = (now: Stats, before: Stats): void => {
    // Of a file that is not there one call comes in any case.
    if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino) loadAgain("file changed");
  };
  const onHangup = (): void => loadAgain("SIGHUP");
  watch();
  process.on("SIGHUP", onHangup);
  return () => {
    process.off("SIGHUP", onHangup);
    unwatch();
  };
}
