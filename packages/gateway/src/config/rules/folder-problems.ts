import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** What is wrong with the folder in which the gateway makes a file. The file itself is not opened: a running gateway may have it. */
export function folderProblems(variable: string, file: string): string[] {
  const folder = dirname(resolve(file));
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? [] : [`${variable} ${file}: there is no folder ${folder}: create it, for this user to write`];
}
