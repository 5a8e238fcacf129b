import { ConfigError } from "../config/config-error.ts";
import type { ConfigDocument } from "../config/config-files.ts";
import { cutOffProblems } from "../config/cut-off.ts";
import { FileSnapshot } from "../config/file-snapshot.ts";
import { type ConfigSources, readConfig } from "../config/load-config.ts";
import { SettledFiles } from "../config/settled-files.ts";
import type { Gateway } from "../create-gateway.ts";
import { warnOfConfig } from "./warn-of-config.ts";

/** How often the files are looked at. A change is in force after two looks that agree, so within a second. */
const intervalMs = 300;

/**
 * Loads the configuration again on SIGHUP and when one of its files has changed and holds still. What does not pass the checks of a
 * start, or is empty or cut off, changes nothing.
 *
 * @param environment the one in use, which stays: its file beside the main one counts
 * @returns the function that ends it
 */
export function reloadOnChange(sources: ConfigSources, environment: string, gateway: Gateway): () => void {
  const { logger } = gateway;
  let inUse = new FileSnapshot();
  readConfig(sources, inUse, environment);
  const files = new SettledFiles(inUse);
  let ended = false;
  const timer = setTimeout(() => void look(), intervalMs).unref();

  async function look(): Promise<void> {
    const found = await files.look();
    if (ended) return;
    if (found !== undefined) loadAgain("file changed", found);
    timer.refresh();
  }

  async function onHangup(): Promise<void> {
    const found = await files.settle();
    if (ended) return;
    if (found === undefined) refuse("SIGHUP", ["the configuration files change all the time: send SIGHUP when they hold still"]);
    else loadAgain("SIGHUP", found);
  }

  function loadAgain(reason: "file changed" | "SIGHUP", found: FileSnapshot): void {
    try {
      const { config, unknown, problems, documents } = readConfig(sources, found, environment);
      const wrong = [...cutOffProblems(inUse, found, reason === "SIGHUP"), ...emptied(documents, inUse, found), ...unknown, ...problems];
      if (wrong.length > 0) throw new ConfigError(wrong);
      const needRestart = gateway.reload(config);
      inUse = found;
      // The configuration itself may name other files than before.
      files.follow(found);
      logger.info({ reason }, "configuration reloaded");
      if (needRestart.length > 0) logger.warn({ settings: needRestart }, "settings keep their value until a restart");
      warnOfConfig({ ...config, environment }, logger);
    } catch (error) {
      refuse(reason, error instanceof ConfigError ? error.faults : [(error as Error).message]);
    }
  }

  function refuse(reason: string, faults: readonly string[]): void {
    logger.error({ reason, faults }, "configuration reload failed; keeping the previous one");
  }

  const hangup = (): void => void onHangup();
  process.on("SIGHUP", hangup);
  return () => {
    ended = true;
    process.off("SIGHUP", hangup);
    clearTimeout(timer);
  };
}

/** A file of comments, of `null` or of `{}` sets nothing: it is no answer to what a file in use says. */
function emptied(documents: readonly ConfigDocument[], inUse: FileSnapshot, found: FileSnapshot): string[] {
  return documents.flatMap(({ path, document = {} }) => {
    const [before = "", now = ""] = [inUse.textOf(path), found.textOf(path)];
    const setsNothing = Object.keys(document).length === 0 && now.trim() !== "";
    return setsNothing && before.trim() !== "" && before !== now ? [`${path} holds no settings: write them`] : [];
  });
}
