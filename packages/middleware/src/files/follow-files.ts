import type { FileSnapshot } from "./file-snapshot.ts";
import { SettledFiles, settledSnapshot } from "./settled-files.ts";

/** How a program follows its files. */
export interface FollowFilesOptions {
  /** How often the files are looked at, in milliseconds. A change is applied after two looks that agree. */
  readonly everyMs: number;
  /** What the program uses now. The files of this snapshot are followed, and changes are changes of it. */
  readonly inForce: () => FileSnapshot;
  /** Takes what the files hold, so that `inForce()` gives it from now on, or throws and changes nothing. */
  readonly apply: (found: FileSnapshot, change: FileChange) => void;
  /** Receives what `apply` threw. The same error for the same text is reported once, except where a program asked for it. */
  readonly onRefused: (error: Error, change: FileChange) => void;
}

/** Why the files are applied. */
export interface FileChange {
  /** `applyNow()` was called, as on a signal; otherwise the files have changed. */
  readonly isRequested: boolean;
  /** Follows these files too, while what was found is refused: its verdict depends on them. */
  watch(paths: readonly string[]): void;
}

/** Files that are followed until `close()`. */
export interface FollowedFiles {
  /**
   * Applies what the files hold, changed or not, as soon as two reads agree.
   *
   * @returns false when the files keep changing; nothing was applied then
   */
  applyNow(): Promise<boolean>;
  close(): void;
}

/**
 * Applies the files that a program was configured by each time they have changed and hold still. Its timer keeps no process alive.
 *
 * A file may be written in place, renamed into place, or swapped through links, as Kubernetes does. It is never read half. Each file is
 * read whole, so keep them small.
 */
export function followFiles({ everyMs, inForce, apply, onRefused }: FollowFilesOptions): FollowedFiles {
  const files = new SettledFiles(inForce);
  let isClosed = false;
  const timer = setTimeout(() => void look(), everyMs).unref();

  async function look(): Promise<void> {
    const found = await files.look();
    if (isClosed) return;
    if (found !== undefined) tryToApply(found, false);
    timer.refresh();
  }

  function tryToApply(found: FileSnapshot, isRequested: boolean): void {
    let alsoWatched: readonly string[] = [];
    const change = { isRequested, watch: (paths: readonly string[]) => void (alsoWatched = paths) };
    try {
      apply(found, change);
      files.accept();
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (files.refuse(found, error.message, alsoWatched) || isRequested) onRefused(error, change);
    }
  }

  return {
    applyNow: async () => {
      const found = await settledSnapshot(inForce());
      if (isClosed) return true;
      if (found !== undefined) tryToApply(found, true);
      return found !== undefined;
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
