import { type Stats, statSync } from "node:fs";
import { stat } from "node:fs/promises";

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
  let files = sourceFiles(sources);
  let seen = marksOf(files);
  let ended = false;
  const timer = setTimeout(look, intervalMs).unref();

  function look(): void {
    void Promise.all(files.map((file) => stat(file).then(markOf, () => ""))).then(compare);
  }

  function compare(marks: readonly string[]): void {
    if (ended) return;
    if (marks.join() !== seen) loadAgain("file changed");
    timer.refresh();
  }

  function loadAgain(reason: string): void {
    // Before they are read: what is written meanwhile is a further change.
    seen = marksOf(files);
    try {
      const needRestart = gateway.reload(loadConfig(sources));
      watch(sourceFiles(sources));
      logger.info({ reason }, "configuration reloaded");
      if (needRestart.length > 0) logger.warn({ settings: needRestart }, "settings keep their value until a restart");
    } catch (error) {
      const faults = error instanceof ConfigError ? error.faults : [(error as Error).message];
      logger.error({ reason, faults }, "configuration not reloaded, the old one stays");
    }
  }

  /** The configuration itself may name other files than before. */
  function watch(wanted: string[]): void {
    if (wanted.join() === files.join()) return;
    files = wanted;
    seen = marksOf(files);
  }

  const onHangup = (): void => loadAgain("SIGHUP");
  process.on("SIGHUP", onHangup);
  return () => {
    ended = true;
    process.off("SIGHUP", onHangup);
    clearTimeout(timer);
  };
}

function marksOf(files: readonly string[]): string {
  return files.map(markNow).join();
}

function markNow(file: string): string {
  try {
    return markOf(statSync(file));
  } catch {
    return "";
  }
}

/** Differs when the file was written or replaced. */
function markOf({ mtimeMs, ino, size }: Stats): string {
  return `${mtimeMs} ${ino} ${size}`;
}
