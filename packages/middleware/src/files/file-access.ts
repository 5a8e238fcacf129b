import { realpathSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** Which other users may read or write a file. */
export interface FileAccess {
  /** Such as `0644`. */
  readonly mode: string;
  readonly othersWrite: boolean;
  /** Anyone on the machine may read it who gets to it. The group may: that is how services get their secrets. */
  readonly everybodyReads: boolean;
}

/** What the mode of the file allows, behind links; `undefined` where it is missing or the system has no modes. */
export function fileAccess(path: string): FileAccess | undefined {
  if (process.platform === "win32") return undefined;
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  return {
    mode: (stats.mode & 0o777).toString(8).padStart(4, "0"),
    othersWrite: (stats.mode & 0o022) !== 0,
    everybodyReads: (stats.mode & 0o004) !== 0,
  };
}

/** Whether only the owner of a folder, or the container that mounts the file, gets to it, so that its own mode lets nobody else in. */
export function isOutOfReach(path: string): boolean {
  const file = realpathSync(path);
  // Compose mounts secrets one by one, for containers whose users the owner of the file does not know.
  if (statSync(file).dev !== statSync(dirname(file)).dev) return true;
  return parentsOf(file).some((folder) => (statSync(folder).mode & 0o001) === 0);
}

/** The folder, on the way to a file, in which others may put another one in its place; `undefined` when there is none. */
export function openFolderOf(path: string): string | undefined {
  if (process.platform === "win32" || statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  return [dirname(resolve(path)), ...parentsOf(realpathSync(path))].find((folder) => isOpenFolder(folder));
}

function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...parentsOf(parent)];
}

/** Where the sticky bit is set, as in `/tmp`, everybody replaces only what is theirs. */
function isOpenFolder(folder: string): boolean {
  const { mode, uid, gid, dev } = statSync(folder);
  if ((mode & 0o1000) !== 0) return false;
  // Groups of root, and the private group that many systems give each user, have no other members.
  const groupWrites = (mode & 0o020) !== 0 && uid !== 0 && gid !== 0 && gid !== uid;
  // A volume that a container mounts is open to those only who mount it too.
  return (groupWrites || (mode & 0o002) !== 0) && dev === statSync(dirname(folder)).dev;
}
