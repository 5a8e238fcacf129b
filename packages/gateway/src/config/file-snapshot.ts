import { closeSync, fstatSync, openSync, readFileSync, statSync } from "node:fs";

import { ConfigError } from "./config-error.ts";

/** What a file holds, or why it cannot be read. A pipe, such as `<(command)` of a shell, gives its text only once. */
type Found = { readonly text: string; readonly isPipe: boolean } | { readonly code: string };

/** Every file of a snapshot, as it goes from one process to another. */
export type SnapshotEntries = [path: string, found: Found][];

/** What files hold at one time: each is read once, so that all that is taken from them belongs together. */
export class FileSnapshot {
  readonly #found: Map<string, Found>;

  constructor(entries: Iterable<[path: string, found: Found]> = []) {
    this.#found = new Map(entries);
  }

  /** These files as they are now. */
  static of(paths: Iterable<string>): FileSnapshot {
    const files = new FileSnapshot();
    for (const path of paths) files.#look(path);
    return files;
  }

  /** Every file that was asked for, those that are missing too. */
  get paths(): readonly string[] {
    return [...this.#found.keys()];
  }

  get entries(): SnapshotEntries {
    return [...this.#found];
  }

  /** The text, or `undefined` for a file that does not exist. @throws ConfigError that names the file and the reason */
  find(path: string, what: string): string | undefined {
    const found = this.#look(path);
    if ("text" in found) return found.text;
    if (found.code === "ENOENT" || found.code === "ENOTDIR") return undefined;
    throw unreadable(path, what, found.code);
  }

  /** @throws ConfigError when it is missing too */
  read(path: string, what: string): string {
    const found = this.#look(path);
    if ("text" in found) return found.text;
    throw unreadable(path, what, found.code);
  }

  /** The text if there is one. */
  textOf(path: string): string | undefined {
    const found = this.#found.get(path);
    return found !== undefined && "text" in found ? found.text : undefined;
  }

  /** The same files as they are now; what came from a pipe stays as it is. */
  again(): FileSnapshot {
    const files = new FileSnapshot();
    for (const [path, found] of this.#found) files.#found.set(path, "text" in found && found.isPipe ? found : withoutWait(path));
    return files;
  }

  equals(other: FileSnapshot): boolean {
    return this.paths.every((path) => keyOf(this.#look(path)) === keyOf(other.#look(path)));
  }

  #look(path: string): Found {
    const known = this.#found.get(path);
    if (known !== undefined) return known;
    const found = orReason(() => readNow(path));
    this.#found.set(path, found);
    return found;
  }
}

function readNow(path: string): Found {
  const file = openSync(path, "r");
  try {
    return { isPipe: fstatSync(file).isFIFO(), text: readFileSync(file, "utf8") };
  } finally {
    closeSync(file);
  }
}

/** To read a pipe that came in place of a file would stop the process until somebody writes to it. */
function withoutWait(path: string): Found {
  return orReason(() => (statSync(path).isFIFO() ? { code: "a pipe" } : readNow(path)));
}

function orReason(read: () => Found): Found {
  try {
    return read();
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? "error" };
  }
}

function keyOf(found: Found): string {
  return "text" in found ? `text ${found.text}` : `error ${found.code}`;
}

function unreadable(path: string, what: string, code: string): ConfigError {
  return new ConfigError([`${what} ${path} cannot be read (${code}): check that it exists and that this user may read it`]);
}
