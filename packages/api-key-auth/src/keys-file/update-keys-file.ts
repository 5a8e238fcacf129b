import { existsSync, readFileSync, realpathSync, type Stats, statSync } from "node:fs";

import { Document, isSeq, parseDocument, YAMLSeq } from "yaml";

import type { KeyEntry } from "./key-entry.ts";
import { KeysFileError } from "./keys-file-error.ts";
import { lockKeysFile } from "./lock-keys-file.ts";
import { assertAccepted, readKeyEntries, yamlError } from "./parse-keys-file.ts";
import { accessProblem, missingFile } from "./read-keys-file.ts";
import { removeTemporaryFiles, writeKeysFile } from "./write-keys-file.ts";

/** The entries of a keys file while it is being changed. Comments and whatever is not changed stay as they are. */
export interface EditableKeys {
  readonly entries: readonly KeyEntry[];
  readonly add: (entry: KeyEntry) => void;
  /** Sets these members of the entry at this position. */
  readonly change: (index: number, members: Partial<KeyEntry>) => void;
}

/** Finds further problems in the entries of a keys file; returns them, each with its remedy. */
export type KeysFileCheck = (entries: readonly KeyEntry[]) => readonly string[];

/** How to change a keys file. */
export interface KeysFileUpdate {
  /** Whether a file that does not exist is created. */
  readonly create: boolean;
  readonly check?: KeysFileCheck | undefined;
  /** Whether entries that a server refuses keep the change from being written. Default true. */
  readonly mustBeValid?: boolean;
}

/** What a change of a keys file resulted in. */
export interface Update<T> {
  readonly result: T;
  /** Why a server refuses the file that was written; empty when it does not. */
  readonly problems: readonly string[];
}

type KeysDocument = Document.Parsed | Document;

interface ExistingFile {
  readonly text: string;
  readonly stats: Stats;
}

/**
 * Changes a keys file in one step: locked against other commands, checked as a server checks it, and replaced as a whole.
 *
 * @throws KeysFileError when it is locked, exposed to others, or not valid before or after the change. It is then unchanged
 */
export async function updateKeysFile<T>(path: string, options: KeysFileUpdate, change: (keys: EditableKeys) => T): Promise<Update<T>> {
  const { create, check, mustBeValid = true } = options;
  // The file behind a link is replaced, not the link.
  const target = existsSync(path) ? realpathSync(path) : path;
  const { abandonedAtMs, release } = await lockKeysFile(target);
  try {
    if (abandonedAtMs !== undefined) await removeTemporaryFiles(target, abandonedAtMs);
    const before = existingFile(target);
    if (before === undefined && !create) throw missingFile(path);
    const problem = before && accessProblem(path);
    if (problem !== undefined) throw new KeysFileError("exposed", [problem]);
    const document = before === undefined ? new Document({ keys: [] }) : parse(before.text, path);
    const result = change(editable(document, path, mustBeValid));
    const problems = problemsOf(document, path, check);
    if (mustBeValid && problems.length > 0) throw new KeysFileError("invalid", problems);
    if (existingFile(target)?.text !== before?.text) {
      throw new KeysFileError("changed", [`${path} has changed meanwhile: run the command again`]);
    }
    await writeKeysFile(target, document.toString({ lineWidth: 0, flowCollectionPadding: false }), before?.stats);
    return { result, problems };
  } finally {
    await release();
  }
}

function problemsOf(document: KeysDocument, path: string, check: KeysFileCheck | undefined): readonly string[] {
  try {
    const entries = validEntries(document, path);
    return check?.(entries) ?? [];
  } catch (error) {
    if (!(error instanceof KeysFileError)) throw error;
    return error.problems;
  }
}

function validEntries(document: KeysDocument, path: string): readonly KeyEntry[] {
  const entries = readKeyEntries(document.toJS(), path);
  assertAccepted(entries, path);
  return entries;
}

function existingFile(path: string): ExistingFile | undefined {
  return existsSync(path) ? { text: readFileSync(path, "utf8"), stats: statSync(path) } : undefined;
}

function parse(text: string, path: string): KeysDocument {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw yamlError(error, path);
  if (document.contents === null) document.contents = document.createNode({ keys: [] }) as unknown as typeof document.contents;
  return document;
}

function editable(document: KeysDocument, path: string, mustBeValid: boolean): EditableKeys {
  if (mustBeValid) validEntries(document, path);
  const list = document.get("keys", true);
  if (!isSeq(list)) throw new KeysFileError("invalid", [`The keys file ${path} must have a list \`keys\``]);
  // An entry without a valid form has no member that is looked for.
  const entries = (list.toJS(document) as unknown[]).map((entry) => Object(entry) as KeyEntry);
  return {
    entries,
    add: (entry) => {
      list.flow = false;
      list.add(document.createNode(entry));
      for (const name of ["scopes", "addresses", "budgets"]) inOneLine(document.getIn(["keys", list.items.length - 1, name], true));
    },
    change: (index, members) => {
      for (const [name, value] of Object.entries(members)) document.setIn(["keys", index, name], value);
    },
  };
}

function inOneLine(node: unknown): void {
  if (node instanceof YAMLSeq) node.flow = true;
}
