import type { FileSnapshot } from "@aivillage/middleware";

/**
 * Why the files cannot be meant as they are: a line for each that is missing, empty, or looks like a part of what was written.
 *
 * What is left of a truncated YAML file may well be valid, with fewer settings. A text counts as cut off when the one in use begins with
 * it, or when it is shorter and its last line is open, which those of the one in use were not.
 *
 * @param isConfirmed somebody asked for this reload, which settles all but an empty text
 */
export function cutOffProblems(inUse: FileSnapshot, found: FileSnapshot, isConfirmed: boolean): string[] {
  return inUse.paths.flatMap((path) => {
    const [before, now] = [inUse.textOf(path), found.textOf(path)];
    if (before === undefined || before.trim() === "" || before === now) return [];
    if (now !== undefined && now.trim() === "") return [`${path} is empty: write its settings`];
    if (isConfirmed) return [];
    if (now === undefined) return [`${path} is gone: put it back, or send SIGHUP if that is meant`];
    return isCutOff(before, now) ? [`${path} looks cut off: write it to its end, or send SIGHUP if it is meant as it is`] : [];
  });
}

function isCutOff(before: string, now: string): boolean {
  if (before.startsWith(now) && now.trimEnd() !== before.trimEnd()) return true;
  const hasLines = before.endsWith("\n") && before.trimEnd().includes("\n");
  return hasLines && !now.endsWith("\n") && now.length < before.length;
}
