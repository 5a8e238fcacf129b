import { type AuditHead, type AuditKey, chainStart, readLine, type ReadLine } from "./chain.ts";
import { readLines } from "./read-lines.ts";

/** Something that is wrong with a log. */
export interface AuditProblem {
  readonly file: string;
  /** The line in the file; none for the file as a whole. */
  readonly line: number | undefined;
  /** In words, for operators. */
  readonly problem: string;
}

/** A line that must be there, and who says so. */
export interface ExpectedHead {
  readonly head: AuditHead;
  readonly by: string;
}

const mostProblems = 100;
const unreadable = {
  malformed: "it is no line of an audit log",
  digest: "its digest is wrong: it was changed, or written with another key",
} as const;

/** Follows the chain through the files of a log. */
export class ChainCheck {
  readonly problems: AuditProblem[] = [];
  /** How many problems there are, those beyond the first 100 too. */
  problemCount = 0;
  /** Valid lines. */
  lines = 0;
  isTorn = false;
  /** The last valid line. */
  last: AuditHead = chainStart;
  readonly #key: AuditKey;
  #wrongDigests = 0;
  readonly #first: number;
  readonly #expected: readonly ExpectedHead[];
  /** What the next line refers to; unknown after a damaged line, and before a log whose older files were moved away. */
  #before: AuditHead | undefined;

  constructor(key: AuditKey, first: number, expected: readonly ExpectedHead[]) {
    this.#key = key;
    this.#first = first;
    this.#expected = expected;
    if (first === 1) this.#before = chainStart;
  }

  /** @param isLast the last write of a log may have been broken off */
  async file(file: string, isLast: boolean): Promise<void> {
    let number = 0;
    for await (const { bytes, isWhole } of readLines(file)) {
      number += 1;
      if (isWhole) this.#line(file, number, readLine(bytes, this.#key));
      else if (isLast) this.isTorn = true;
      else this.report(file, number, "it is incomplete");
    }
  }

  /** Whether the log goes as far as it must. */
  end(file: string): void {
    for (const { head, by } of this.#expected) {
      if (head.seq > this.last.seq) {
        this.report(file, undefined, `the log ends with number ${this.last.seq}, but ${by} names ${head.seq}: lines were cut off`);
      }
    }
  }

  /** Whether no line has a digest of this key, so that the log was written with another key, or with one if none is given. */
  get hasOtherKey(): boolean {
    return this.#wrongDigests > 0 && this.last === chainStart;
  }

  report(file: string, line: number | undefined, problem: string): void {
    this.problemCount += 1;
    if (this.problems.length < mostProblems) this.problems.push({ file, line, problem });
  }

  #line(file: string, number: number, line: ReadLine | keyof typeof unreadable): void {
    if (typeof line === "string") {
      this.#before = undefined;
      if (line === "digest") this.#wrongDigests += 1;
      return this.report(file, number, unreadable[line]);
    }
    const problem = this.#linkProblem(line) ?? this.#headProblem(line);
    if (problem === undefined) this.lines += 1;
    else this.report(file, number, problem);
    this.#before = line;
    this.last = { seq: line.seq, digest: line.digest };
  }

  #linkProblem({ seq, previous }: ReadLine): string | undefined {
    const expected = this.lines === 0 && this.problems.length === 0 ? this.#first : (this.#before?.seq ?? seq - 1) + 1;
    if (seq !== expected) return `it has number ${seq} instead of ${expected}: lines were removed, inserted or reordered`;
    if (this.#before === undefined || previous === this.#before.digest) return undefined;
    return "it does not follow the line before it";
  }

  #headProblem({ seq, digest }: ReadLine): string | undefined {
    const expected = this.#expected.find(({ head }) => head.seq === seq && head.digest !== digest);
    return expected === undefined ? undefined : `it is not the line that ${expected.by} names`;
  }
}
