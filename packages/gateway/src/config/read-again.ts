import type { FileSnapshot } from "@aivillage/middleware";

import { inTurns } from "../steps.ts";
import { configFile, type ConfigSources, readConfig } from "./load-config.ts";
import { ConfigError } from "./loader/config-error.ts";
import { type ConfigDocument, parseAhead } from "./loader/config-files.ts";
import { compileAhead } from "./options/compile-input.ts";
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
 * Reads the configuration of a running gateway again, each setting checked by itself. What takes long, to parse files and to compile
 * schemas, is done in turns, so that requests are served meanwhile; the checks that follow find it done.
 *
 * @throws ConfigError for bad values too, and for files that cannot be meant as they are: empty ones, and those that look cut off
 */
export async function readAgain({ sources, inForce, found, environment, isConfirmed }: ReadAgain): Promise<GatewayConfig> {
  const path = configFile(sources);
  if (path !== undefined) await inTurns(parseAhead(path, found));
  const { config, unknown, problems, documents } = readConfig(sources, found, environment);
  const wrong = [...cutOffProblems(inForce, found, isConfirmed), ...emptied(documents, inForce, found), ...unknown, ...problems];
  if (wrong.length > 0) throw new ConfigError(wrong);
  await inTurns(compileAhead(config));
  return config;
}

/** A file of comments, of `null` or of `{}` sets nothing, so it does not replace a file in use. */
function emptied(documents: readonly ConfigDocument[], inForce: FileSnapshot, found: FileSnapshot): string[] {
  return documents.flatMap(({ path, isBlank, document = {} }) => {
    const [before = "", now = ""] = [inForce.textOf(path), found.textOf(path)];
    const setsNothing = Object.keys(document).length === 0 && !isBlank;
    return setsNothing && before.trim() !== "" && before !== now ? [`${path} holds no settings: write them`] : [];
  });
}

/**
 * Why the files cannot be meant as they are: a line for each that is missing, empty, or looks like a part of what was written.
 *
 * What is left of a truncated YAML file may well be valid, with fewer settings. A text counts as cut off when the one in use begins with
 * it, or when it is shorter and its last line is open, which those of the one in use were not.
 *
 * @param isConfirmed somebody asked for this reload, which settles all but an empty text
 */
function cutOffProblems(inUse: FileSnapshot, found: FileSnapshot, isConfirmed: boolean): string[] {
  return inUse.paths.flatMap((path) => {
    const [before, now] = [inUse.textOf(path), found.textOf(path)];
    if (before === undefined || before.trim() === "" || before === now) return [];
    if (now !== undefined && now.trim() === "") return [`${path} is empty: write its settings`];
    if (isConfirmed) return [];
    if (now === undefined) return [`${path} is gone: put it back, or send SIGHUP if that is meant`];
    return isCutOff(before, now) ? [`${path} looks cut off: write it to its end, or send SIGHUP if it is meant as it is`] : [];
  });
}

function isCutOff(before: string, now: string): boolean {
  if (before.startsWith(now) && now.trimEnd() !== before.trimEnd()) return true;
  const hasLines = before.endsWith("\n") && before.trimEnd().includes("\n");
  return hasLines && !now.endsWith("\n") && now.length < before.length;
}
