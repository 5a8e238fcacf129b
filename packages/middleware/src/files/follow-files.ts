import type { FileSnapshot } from "./file-snapshot.ts";
import { SettledFiles, settledSnapshot } from "./settled-files.ts";

/** How a program follows its files. */
export interface FollowFilesOptions {
  /** How often the files are looked at, in milliseconds. A change is applied after two looks that agree. */
  readonly everyMs: number;
  /** What the program uses now. The files of this snapshot are followed, and changes are changes of it. */
  readonly inForce: () => FileSnapshot;
  /**
   * Takes what the files hold, so that `inForce()` gives it from now on, or throws and changes nothing. If it returns a promise, the files
   * are not looked at again until that settles.
   */
  readonly apply: (found: FileSnapshot, change: FileChange) => void | Promise<void>;
  /** Receives what `apply` threw. The same error for the same text is reported once, except where a program asked for it. */
  readonly onRefused: (error: Error, change: FileChange) => void;
}

/** Why the files are applied. */
export interface FileChange {
  /** `applyNow()` was called, as on a signal; otherwise the files have changed. */
  readonly isRequested: boolean;
  /** Follows these files too, while what was found is refused: its verdict depends on them. */
  readonly watch: (paths: readonly string[]) => void;
}

/** Files that are followed until `close()`. */
export interface FollowedFiles {
  /**
   * Applies what the files hold, changed or not, as soon as two reads agree.
   *
   * @returns false when the files keep changing; nothing was applied then
   */
  readonly applyNow: () => Promise<boolean>;
  readonly close: () => void;
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
  let last: Promise<unknown> = Promise.resolve();
  const timer = setTimeout(() => void inTurn(look), everyMs).unref();

  /** Runs one task after the other: two must not apply files at the same time. */
  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  }

  async function look(): Promise<void> {
    try {
      const found = isClosed ? undefined : await files.look();
      if (found !== undefined && !isClosed) await tryToApply(found, false);
    } finally {
      // Whatever went wrong with this look, the next one may find the files in order.
      if (!isClosed) timer.refresh();
    }
  }

  async function applyNow(): Promise<boolean> {
    const found = await settledSnapshot(inForce());
    if (isClosed) return true;
    if (found !== undefined) await tryToApply(found, true);
    return found !== undefined;
  }

  async function tryToApply(found: FileSnapshot, isRequested: boolean): Promise<void> {
    let alsoWatched: readonly string[] = [];
    const change = { isRequested, watch: (paths: readonly string[]) => void (alsoWatched = paths) };
    try {
      await apply(found, change);
      files.accept();
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (files.refuse(found, error.message, alsoWatched) || isRequested) onRefused(error, change);
    }
  }

  return {
    applyNow: () => inTurn(applyNow),
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
