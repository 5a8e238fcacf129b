import { readFileSync } from "node:fs";

import { ConfigError } from "./config-error.ts";

/** What files hold at one time: each is read once, so that all that is taken from them belongs together. */
export class FileSnapshot {
  readonly #found = new Map<string, string | NodeJS.ErrnoException>();

  constructor(paths: Iterable<string> = []) {
    for (const path of paths) this.#look(path);
  }

  /** Every file that was asked for, those that are missing too. */
  get paths(): readonly string[] {
    return [...this.#found.keys()];
  }

  /** The text, or `undefined` for a file that does not exist. @throws ConfigError that names the file and the reason */
  find(path: string, what: string): string | undefined {
    const found = this.#look(path);
    if (typeof found === "string") return found;
    if (found.code === "ENOENT" || found.code === "ENOTDIR") return undefined;
    throw unreadable(path, what, found);
  }

  /** @throws ConfigError when it is missing too */
  read(path: string, what: string): string {
    const found = this.#look(path);
    if (typeof found === "string") return found;
    throw unreadable(path, what, found);
  }

  /** The text if there is one. */
  textOf(path: string): string | undefined {
    const found = this.#found.get(path);
    return typeof found === "string" ? found : undefined;
  }

  /** The same files as they are now. */
  again(): FileSnapshot {
    return new FileSnapshot(this.paths);
  }

  equals(other: FileSnapshot): boolean {
    return this.paths.every((path) => keyOf(this.#look(path)) === keyOf(other.#look(path)));
  }

  #look(path: string): string | NodeJS.ErrnoException {
    const known = this.#found.get(path);
    if (known !== undefined) return known;
    const found = readNow(path);
    this.#found.set(path, found);
    return found;
  }
}

function readNow(path: string): string | NodeJS.ErrnoException {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

function keyOf(found: string | NodeJS.ErrnoException): string {
  return typeof found === "string" ? `text ${found}` : `error ${found.code}`;
}

function unreadable(path: string, what: string, { code = "error" }: NodeJS.ErrnoException): ConfigError {
  return new ConfigError([`${what} ${path} cannot be read (${code}): check that it exists and that this user may read it`]);
}
