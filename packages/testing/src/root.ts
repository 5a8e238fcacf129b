import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The root folder of the repository. */
export const root = resolve(import.meta.dirname, "../../..");

/** The text of a file of `docs`, or of the root, by its path from the root. */
export function readFromRoot(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
