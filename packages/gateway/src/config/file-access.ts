import { type Stats, statSync } from "node:fs";

/** Who else may read or write a file. */
export interface FileAccess {
  /** Such as `0644`. */
  readonly mode: string;
  readonly othersWrite: boolean;
  /** Anyone on the machine may read it. The group may: that is how services get their secrets. */
  readonly everybodyReads: boolean;
}

/** What the mode of the file allows, behind links; `undefined` where it is missing or the system has no modes. */
export function accessOf(path: string): FileAccess | undefined {
  if (process.platform === "win32") return undefined;
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && accessIn(stats);
}

export function accessIn({ mode }: Pick<Stats, "mode">): FileAccess {
  return {
    mode: (mode & 0o777).toString(8).padStart(4, "0"),
    othersWrite: (mode & 0o022) !== 0,
    everybodyReads: (mode & 0o004) !== 0,
  };
}
