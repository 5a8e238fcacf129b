import { extname } from "node:path";

import type { FileSnapshot } from "@aivillage/middleware";

import { atOnce, type Steps } from "../../steps.ts";
import { normaliseEnvironment } from "../settings/environment-name.ts";
import { ConfigError } from "./config-error.ts";
import { findText, readText } from "./file-text.ts";
import { parseYaml } from "./yaml-file.ts";

const what = "The configuration file";

/** A configuration file with what it says; `undefined` for one that sets nothing. */
export interface ConfigDocument {
  readonly path: string;
  /** It holds nothing at all, as a file that somebody is about to write, or could not. */
  readonly isBlank: boolean;
  readonly document: object | undefined;
}

/**
 * The configuration files in the order in which they count: the one that was named, then the one beside it for this environment,
 * such as `gateway.production.yaml` for `gateway.yaml`, if there is one.
 *
 * @param environment when it is `undefined`, the file says it or else it is `fallback`
 * @throws ConfigError when the first cannot be read, or one is no mapping
 */
export function readConfigFiles(path: string, environment: string | undefined, fallback: string, files: FileSnapshot): ConfigDocument[] {
  const main = readDocument(path, readText(files, path, what), files);
  const overlay = overlayPath(path, normaliseEnvironment(environment ?? environmentOf(main.document) ?? fallback));
  const text = findText(files, overlay, what);
  return text === undefined ? [main] : [main, readDocument(overlay, text, files)];
}

/** What the files of a snapshot say, or the error that they gave. */
const parsed = new WeakMap<FileSnapshot, Map<string, () => unknown>>();

/** Parses the configuration files of a snapshot in steps, so that reading them afterwards takes no time. */
export function* parseAhead(path: string, files: FileSnapshot): Steps<void> {
  const values = new Map<string, () => unknown>();
  parsed.set(files, values);
  const [stem, extension] = splitExtension(path);
  for (const each of files.paths.filter((other) => other.startsWith(stem) && other.endsWith(extension))) {
    const text = files.textOf(each);
    if (text === undefined) continue;
    values.set(each, yield* parse(text, each));
    yield;
  }
}

function* parse(text: string, path: string): Steps<() => unknown> {
  try {
    const value = yield* parseYaml(text, path);
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function readDocument(path: string, text: string, files: FileSnapshot): ConfigDocument {
  const value = parsed.get(files)?.get(path) ?? atOnce(parse(text, path));
  return { path, isBlank: text.trim() === "", document: asMapping(value(), path) };
}

/** Where the settings of one environment stand. */
function overlayPath(path: string, environment: string): string {
  const [stem, extension] = splitExtension(path);
  return `${stem}.${environment}${extension}`;
}

function splitExtension(path: string): [stem: string, extension: string] {
  const extension = extname(path);
  return [path.slice(0, path.length - extension.length), extension];
}

function environmentOf(document: object | undefined): string | undefined {
  const { environment: value } = (document ?? {}) as { environment?: unknown };
  return typeof value === "string" ? value : undefined;
}

function asMapping(document: unknown, path: string): object | undefined {
  if (document === null) return undefined;
  if (isMapping(document)) return document;
  throw new ConfigError([`${what} ${path} must hold keys and values, such as \`server:\` and below it \`port: 8000\``]);
}

export function isMapping(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
