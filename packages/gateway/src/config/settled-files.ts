import type { BigIntStats } from "node:fs";
import { stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

import type { FileSnapshot } from "./file-snapshot.ts";

/** Between two reads that must agree when somebody asks for a reload at once, and how often that is tried. */
const [settleMs, mostReads] = [100, 50];

/**
 * Finds out when files have changed and hold still: two reads in a row gave the same text. A file that is being written, or a folder of
 * links that is being swapped, is never seen half.
 *
 * Files are looked at by name, which works on every file system, through links, and when a file is replaced.
 */
export class SettledFiles {
  #known: FileSnapshot;
  #moving: FileSnapshot | undefined;
  #marks = "";

  constructor(known: FileSnapshot) {
    this.#known = known;
  }

  /** Call it at an interval: what the files hold now, once after each change. */
  async look(): Promise<FileSnapshot | undefined> {
    const marks = await marksOf(this.#known.paths);
    if (marks === this.#marks && this.#moving === undefined) return undefined;
    this.#marks = marks;
    const now = this.#known.again();
    if (this.#moving?.equals(now) === true) {
      this.follow(now);
      return now;
    }
    this.#moving = now.equals(this.#known) ? undefined : now;
    return undefined;
  }

  /** These are the files to look at now, and what is known of them. */
  follow(known: FileSnapshot): void {
    if (known.paths.join("\n") !== this.#known.paths.join("\n")) this.#marks = "";
    this.#known = known;
    this.#moving = undefined;
  }

  /** What the files hold as soon as two reads agree; `undefined` when they never hold still. */
  async settle(): Promise<FileSnapshot | undefined> {
    let last = this.#known.again();
    for (let reads = 1; reads < mostReads; reads += 1) {
      await delay(settleMs, undefined, { ref: false });
      const now = last.again();
      if (now.equals(last)) {
        this.follow(now);
        return now;
      }
      last = now;
    }
    return undefined;
  }
}

async function marksOf(paths: readonly string[]): Promise<string> {
  const marks = await Promise.all(paths.map((path) => stat(path, { bigint: true }).then(markOf, () => "missing")));
  return marks.join("\n");
}

/** Differs when the file was written, replaced, or given another mode. */
function markOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [ino, size, mtimeNs, ctimeNs].join(" ");
}
