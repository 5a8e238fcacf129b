import { existsSync, readFileSync, realpathSync, type Stats, statSync } from "node:fs";

import { KeyRing } from "@aivillage/api-key-auth";
import { Document, isSeq, parseDocument, YAMLSeq } from "yaml";

import { CommandError } from "../../../gateway/src/cli/cli-error.ts";
import { type ApiKeyEntry, readKeyEntries, toApiKeys } from "../../../gateway/src/config/api-keys-file.ts";
import { accessIn } from "../../../gateway/src/config/file-access.ts";
import { describeYamlError } from "../../../gateway/src/config/yaml-file.ts";
import { lockFile } from "./lock-keys-file.ts";
import { writeAtomically } from "./write-keys-file.ts";

/** The entries of a keys file while it is changed. Comments and everything that is not changed stay as they are. */
export interface EditableKeys {
  readonly entries: readonly ApiKeyEntry[];
  add(entry: ApiKeyEntry): void;
  /** Puts these members into the entry at this place. */
  change(index: number, members: Partial<ApiKeyEntry>): void;
}

/**
 * Reads the keys file.
 *
 * @param warn hears when the file lets more people in than it should
 * @throws CommandError or ConfigError when it is missing or bad
 */
export function readKeysFile(path: string, warn: (text: string) => void): ApiKeyEntry[] {
  const file = existingFile(path);
  if (file === undefined) throw new CommandError(`The keys file ${path} does not exist: \`keys create\` makes it`);
  const fault = accessFault(path, file.stats);
  if (fault !== undefined) warn(fault);
  return entriesOf(parse(file.path, path), path);
}

/**
 * Changes the keys file in one step: locked against other commands, checked as the gateway checks it, and put in place as a whole.
 *
 * @throws CommandError or ConfigError when it is locked, open to others, or bad before or after; it is then as it was
 */
export async function updateKeysFile<T>(
  path: string,
  { create }: { readonly create: boolean },
  change: (keys: EditableKeys) => T,
): Promise<T> {
  const target = existingFile(path)?.path ?? path;
  const unlock = await lockFile(target);
  try {
    const file = existingFile(target);
    if (file === undefined && !create) throw new CommandError(`The keys file ${path} does not exist: \`keys create\` makes it`);
    const fault = file && accessFault(path, file.stats);
    if (fault !== undefined) throw new CommandError(fault);
    const document = file === undefined ? new Document({ keys: [] }) : parse(file.path, path);
    const result = change(editable(document, path));
    entriesOf(document, path);
    writeAtomically(target, document.toString({ lineWidth: 0, flowCollectionPadding: false }), file?.stats);
    return result;
  } finally {
    unlock();
  }
}

/** The file behind a link, so that it is replaced and not the link. */
function existingFile(path: string): { path: string; stats: Stats } | undefined {
  if (!existsSync(path)) return undefined;
  const target = realpathSync(path);
  return { path: target, stats: statSync(target) };
}

/** Anyone who can write the file can grant themselves access; anyone who can read it may try to find weak keys by their digests. */
function accessFault(path: string, stats: Stats): string | undefined {
  const { mode, othersWrite, everybodyReads } = accessIn(stats);
  if (othersWrite) return `The keys file ${path} may be written by others (mode ${mode}): run chmod go-w,o-r ${path}`;
  if (everybodyReads) return `The keys file ${path} may be read by everybody (mode ${mode}): run chmod o-r ${path}`;
  return undefined;
}

function parse(file: string, path: string): Document.Parsed | Document {
  const document = parseDocument(readFileSync(file, "utf8"));
  const [error] = document.errors;
  if (error !== undefined) throw new CommandError(`The keys file ${path} is no valid YAML: ${describeYamlError(error)}`);
  if (document.contents === null) document.contents = document.createNode({ keys: [] }) as unknown as typeof document.contents;
  return document;
}

/** Checked by its form, and by what the authentication says of it. */
function entriesOf(document: Document.Parsed | Document, path: string): ApiKeyEntry[] {
  const entries = readKeyEntries(document.toJS(), path);
  try {
    return new KeyRing(toApiKeys(entries)).size === 0 ? [] : entries;
  } catch (error) {
    throw new CommandError(`${path}: ${(error as Error).message.replace(/^@aivillage\/[\w-]+: /, "")}`);
  }
}

function editable(document: Document.Parsed | Document, path: string): EditableKeys {
  const entries = entriesOf(document, path);
  const list = document.get("keys", true);
  if (!isSeq(list)) throw new CommandError(`The keys file ${path} must have a list \`keys\`, see docs/keys.md`);
  return {
    entries,
    add: (entry) => {
      list.flow = false;
      list.add(document.createNode(entry));
      for (const name of ["scopes", "addresses"]) inOneLine(document.getIn(["keys", list.items.length - 1, name], true));
    },
    change: (index, members) => {
      for (const [name, value] of Object.entries(members)) document.setIn(["keys", index, name], value);
    },
  };
}

function inOneLine(node: unknown): void {
  if (node instanceof YAMLSeq) node.flow = true;
}
