import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A path in its own folder. `using` removes the folder. */
export interface TemporaryFile extends Disposable {
  readonly folder: string;
  readonly path: string;
  readonly read: () => string;
  /** Its permissions, such as `0o600`. */
  readonly mode: () => number;
}

/** Makes a folder for a file with this name, which does not exist yet. */
export function temporaryFile(name: string): TemporaryFile {
  const folder = mkdtempSync(join(tmpdir(), "aivillage-"));
  const path = join(folder, name);
  return {
    folder,
    path,
    read: () => readFileSync(path, "utf8"),
    mode: () => statSync(path).mode & 0o777,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
