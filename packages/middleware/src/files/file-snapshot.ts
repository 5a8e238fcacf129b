import { closeSync, fstatSync, openSync, readFileSync, statSync } from "node:fs";

import { recogniseAcrossCopies } from "../across-copies.ts";

/** The text of a file, or the code of the error that kept it from being read, such as `ENOENT`. */
export type FileContent =
  /** A pipe, such as `<(command)` of a shell, gives its text only once. */
  { readonly text: string; readonly isPipe: boolean } | { readonly code: string };

/** Every file of a snapshot, in a form that can be sent to another process. */
export type SnapshotEntries = [path: string, content: FileContent][];

/** The contents of files at one time. Each file is read once, so that everything taken from the snapshot belongs together. */
export class FileSnapshot {
  readonly #contents: Map<string, FileContent>;

  static {
    recogniseAcrossCopies(this, "@aivillage/middleware.FileSnapshot");
  }

  constructor(entries: Iterable<[path: string, content: FileContent]> = []) {
    this.#contents = new Map(entries);
  }

  /** These files as they are now. */
  static of(paths: Iterable<string>): FileSnapshot {
    const files = new FileSnapshot();
    for (const path of paths) files.look(path);
    return files;
  }

  /** Every file of the snapshot, missing ones too. */
  get paths(): readonly string[] {
    return [...this.#contents.keys()];
  }

  get entries(): SnapshotEntries {
    return [...this.#contents];
  }

  /** The content of a file. One that is not in the snapshot yet is read now and added to it. */
  look(path: string): FileContent {
    const known = this.#contents.get(path);
    if (known !== undefined) return known;
    const content = orCode(() => readNow(path));
    this.#contents.set(path, content);
    return content;
  }

  /** The text of a file of the snapshot; `undefined` for one that could not be read, or is not in it. Reads nothing. */
  textOf(path: string): string | undefined {
    const content = this.#contents.get(path);
    return content !== undefined && "text" in content ? content.text : undefined;
  }

  /** The same files as they are now. What came from a pipe stays as it is. */
  again(): FileSnapshot {
    const files = new FileSnapshot();
    for (const [path, content] of this.#contents)
      files.#contents.set(path, "text" in content && content.isPipe ? content : withoutWait(path));
    return files;
  }

  /** Whether the files of this snapshot have the same content in the other one. */
  equals(other: FileSnapshot): boolean {
    return this.paths.every((path) => keyOf(this.look(path)) === keyOf(other.look(path)));
  }
}

function readNow(path: string): FileContent {
  const file = openSync(path, "r");
  try {
    return { isPipe: fstatSync(file).isFIFO(), text: readFileSync(file, "utf8") };
  } finally {
    closeSync(file);
  }
}

/** Reading a pipe that replaced a file would stop the process until somebody writes to it. */
function withoutWait(path: string): FileContent {
  return orCode(() => (statSync(path).isFIFO() ? { code: "a pipe" } : readNow(path)));
}

function orCode(read: () => FileContent): FileContent {
  try {
    return read();
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? "error" };
  }
}

function keyOf(content: FileContent): string {
  return "text" in content ? `text ${content.text}` : `error ${content.code}`;
}
