import type { BigIntStats } from "node:fs";
import { stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

import type { FileSnapshot } from "./file-snapshot.ts";

/** Between two reads that must agree when a program asks for the files at once, and how often that is tried. */
const [settleMs, mostReads] = [100, 50];

/** What the files held when it was refused, and why. */
interface Refusal {
  readonly found: FileSnapshot;
  readonly reason: string;
}

/** The files of a snapshot as they are now, as soon as two reads agree; `undefined` when they keep changing for 5 s. */
export async function settledSnapshot(files: FileSnapshot): Promise<FileSnapshot | undefined> {
  let last = files.again();
  for (let reads = 1; reads < mostReads; reads += 1) {
    await delay(settleMs, undefined, { ref: false });
    const now = last.again();
    if (now.equals(last)) return now;
    last = now;
  }
  return undefined;
}

/**
 * Finds out when files differ from what is in force and hold still: two reads in a row gave the same text. A file that is being written,
 * or a folder of links that is being swapped, is never seen half.
 *
 * Files are looked at by name, which works on every file system, through links, and when a file is replaced. What was refused is given
 * again when anything about the files has changed, their modes included, so that a remedy takes effect.
 */
export class SettledFiles {
  readonly #inForce: () => FileSnapshot;
  /** Files beside those in force on which a refusal depends. */
  #alsoWatched: readonly string[] = [];
  #moving: FileSnapshot | undefined;
  #refused: Refusal | undefined;
  #marks = "";

  constructor(inForce: () => FileSnapshot) {
    this.#inForce = inForce;
  }

  /** Call it at an interval: what the files hold after a change. Accept or refuse what it gives. */
  async look(): Promise<FileSnapshot | undefined> {
    const inForce = this.#inForce();
    const marks = await marksOf([...inForce.paths, ...this.#alsoWatched]);
    if (marks === this.#marks && this.#moving === undefined) return undefined;
    this.#marks = marks;
    const now = inForce.again();
    const hasSettled = this.#moving?.equals(now) === true;
    const isKnown = this.#refused === undefined && now.equals(inForce);
    this.#moving = hasSettled || isKnown ? undefined : now;
    return hasSettled ? now : undefined;
  }

  /** What was found is in force now. */
  accept(): void {
    this.#moving = this.#refused = undefined;
    this.#alsoWatched = [];
  }

  /**
   * What was found is not in force.
   *
   * @param alsoWatched files that it names
   * @returns whether this is news: the same refusal of the same text need not be reported again
   */
  refuse(found: FileSnapshot, reason: string, alsoWatched: readonly string[]): boolean {
    const isNews = this.#refused?.reason !== reason || !this.#refused.found.equals(found);
    this.#refused = { found, reason };
    this.#moving = undefined;
    this.#alsoWatched = alsoWatched;
    return isNews;
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
