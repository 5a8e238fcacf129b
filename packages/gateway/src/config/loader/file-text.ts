import type { FileSnapshot } from "@aivillage/middleware";

import { ConfigError } from "./config-error.ts";

/**
 * The text of a file.
 *
 * @param what begins the sentence about it, such as `The keys file`
 * @throws ConfigError that names the file and the reason when it cannot be read
 */
export function readText(files: FileSnapshot, path: string, what: string): string {
  const content = files.look(path);
  if ("text" in content) return content.text;
  throw new ConfigError([`${what} ${path} cannot be read (${content.code}): check that it exists and that this user may read it`]);
}

/** The text, or `undefined` for a file that does not exist. @throws ConfigError when it cannot be read for another reason */
export function findText(files: FileSnapshot, path: string, what: string): string | undefined {
  const content = files.look(path);
  const isMissing = "code" in content && (content.code === "ENOENT" || content.code === "ENOTDIR");
  return isMissing ? undefined : readText(files, path, what);
}
