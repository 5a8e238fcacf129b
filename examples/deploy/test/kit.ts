import { readFileSync } from "node:fs";
import { join } from "node:path";

import { readFromRoot, tableRows } from "@aivillage/testing";
import { parse, parseAllDocuments } from "yaml";

/** The folder with the files that an operator takes. */
export const kitFolder = join(import.meta.dirname, "..");

export const readKit = (file: string): string => readFileSync(join(kitFolder, file), "utf8");

/** A YAML file with anchors and merges resolved. */
export const readYaml = (file: string): unknown => parse(readKit(file), { merge: true, strict: true });

/** The documents of a text, such as kustomize prints. */
export const yamlDocuments = (text: string): unknown[] => parseAllDocuments(text, { strict: true }).map((document) => document.toJS());

/** Every variable that the gateway reads, as docs/configuration.md lists them. */
export const settingNames: ReadonlySet<string> = new Set(
  tableRows(readFromRoot("docs/configuration.md")).flatMap(([name = ""]) => /^`([A-Z][A-Z_]+)`$/.exec(name)?.[1] ?? []),
);

/** The variables of an environment file as systemd reads it. */
export function readEnvironmentFile(file: string): Record<string, string> {
  const lines = readKit(file).matchAll(/^([A-Z_]+)=(.*)$/gm);
  return Object.fromEntries([...lines].map(([, name = "", value = ""]) => [name, value]));
}

/** A duration of compose or systemd in seconds, such as 40 for `40s`. */
export function inSeconds(text: string): number {
  const [, count, unit = "s"] = /^(\d+)(s|m)?$/.exec(text) ?? [];
  if (count === undefined) throw new Error(`${text} is no duration`);
  return Number(count) * (unit === "m" ? 60 : 1);
}

/** Replaces a text that must be there, so that a sample and its test cannot drift apart. */
export function replaceAll(text: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`the sample no longer has ${JSON.stringify(from)}`);
    return result.replaceAll(from, to);
  }, text);
}
