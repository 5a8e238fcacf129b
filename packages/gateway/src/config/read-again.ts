import type { FileSnapshot } from "@aivillage/middleware";

import { cutOffProblems } from "./cut-off.ts";
import { type ConfigSources, readConfig } from "./load-config.ts";
import { ConfigError } from "./loader/config-error.ts";
import type { ConfigDocument } from "./loader/config-files.ts";
import type { GatewayConfig } from "./settings/gateway-config.ts";

/** What to read again, and against what it is judged. */
export interface ReadAgain {
  readonly sources: ConfigSources;
  /** What the files in force held. */
  readonly inForce: FileSnapshot;
  /** What they hold now. */
  readonly found: FileSnapshot;
  /** Whose file beside the main one counts. Default: what the sources say */
  readonly environment?: string;
  /** Somebody asked for this reload and so confirms that a shorter file is meant. */
  readonly isConfirmed: boolean;
}

/**
 * Reads the configuration of a running gateway again, each setting checked by itself.
 *
 * @throws ConfigError for bad values too, and for files that cannot be meant as they are: empty ones, and those that look cut off
 */
export function readAgain({ sources, inForce, found, environment, isConfirmed }: ReadAgain): GatewayConfig {
  const { config, unknown, problems, documents } = readConfig(sources, found, environment);
  const wrong = [...cutOffProblems(inForce, found, isConfirmed), ...emptied(documents, inForce, found), ...unknown, ...problems];
  if (wrong.length > 0) throw new ConfigError(wrong);
  return config;
}

/** A file of comments, of `null` or of `{}` sets nothing: it is no answer to what a file in use says. */
function emptied(documents: readonly ConfigDocument[], inForce: FileSnapshot, found: FileSnapshot): string[] {
  return documents.flatMap(({ path, isBlank, document = {} }) => {
    const [before = "", now = ""] = [inForce.textOf(path), found.textOf(path)];
    const setsNothing = Object.keys(document).length === 0 && !isBlank;
    return setsNothing && before.trim() !== "" && before !== now ? [`${path} holds no settings: write them`] : [];
  });
}
