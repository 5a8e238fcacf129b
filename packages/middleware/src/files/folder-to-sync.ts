import { closeSync, fsync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";

/** The folder of a file whose name is new. Close it. */
export interface FolderToSync {
  /** Resolves when the names in the folder are on the disk. */
  readonly sync: () => Promise<void>;
  /** Returns when the names in the folder are on the disk. */
  readonly syncNow: () => void;
  readonly close: () => void;
}

/** What file systems report that cannot sync a folder, such as some of networks: there is nothing to wait for. */
const cannotSync: ReadonlySet<unknown> = new Set(["EBADF", "EINVAL", "ENOSYS", "ENOTSUP"]);

/**
 * Opens the folder of a file. A power failure can undo a new name until its folder is synced.
 *
 * Open it before the file changes: a folder that cannot be opened is then an error before anything has happened. Where folders cannot be
 * synced, as on Windows and on some network file systems, it does nothing.
 *
 * It uses descriptors, since `FileHandle.sync()` is not implemented in the file system of Yarn's Plug'n'Play.
 */
export function folderToSync(file: string): FolderToSync {
  if (process.platform === "win32") return { sync: () => Promise.resolve(), syncNow: () => undefined, close: () => undefined };
  const fd = openSync(dirname(file), "r");
  return {
    sync: () => promisify(fsync)(fd).catch(throwUnlessUnsupported),
    syncNow: () => {
      try {
        fsyncSync(fd);
      } catch (error) {
        throwUnlessUnsupported(error);
      }
    },
    close: () => closeSync(fd),
  };
}

function throwUnlessUnsupported(error: unknown): void {
  if (!cannotSync.has((error as NodeJS.ErrnoException).code)) throw error;
}
