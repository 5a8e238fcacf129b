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
export async function updateKeysFile<T>(
  path: string,
  { create }: { readonly create: boolean },
  change: (keys: EditableKeys) => T,
): Promise<T> {
  // The file behind a link is replaced, not the link.
  const target = existsSync(path) ? realpathSync(path) : path;
  const { abandonedAtMs, release } = await lockKeysFile(target);
  try {
    if (abandonedAtMs !== undefined) await removeTemporaryFiles(target, abandonedAtMs);
    const before = existingFile(target);
    if (before === undefined && !create) throw missingFile(path);
    const problem = before && accessProblem(path, before.stats);
    if (problem !== undefined) throw new KeysFileError("exposed", [problem]);
    const document = before === undefined ? new Document({ keys: [] }) : parse(before.text, path);
    const result = change(editable(document, path));
    assertAccepted(readKeyEntries(document.toJS(), path), path);
    if (existingFile(target)?.text !== before?.text) {
      throw new KeysFileError("changed", [`${path} has changed meanwhile: run the command again`]);
    }
    await writeKeysFile(target, document.toString({ lineWidth: 0, flowCollectionPadding: false }), before?.stats);
    return result;
  } finally {
    await release();
  }
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

function editable(document: KeysDocument, path: string): EditableKeys {
  const entries = readKeyEntries(document.toJS(), path);
  assertAccepted(entries, path);
  const list = document.get("keys", true);
  if (!isSeq(list)) throw new KeysFileError("invalid", [`The keys file ${path} must have a list \`keys\``]);
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
