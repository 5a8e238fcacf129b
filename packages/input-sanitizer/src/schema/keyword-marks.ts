import type { CleanSteps } from "./clean-steps.ts";
import { SchemaMarks } from "./schema-marks.ts";
import { markAt, type ScreenMark, stricter } from "./screen-mark.ts";

/** What the keywords `screen` and `clean` said about the values of one document. */
export class KeywordMarks {
  readonly screen = new SchemaMarks<ScreenMark>(stricter);
  readonly clean = new SchemaMarks<CleanSteps>(everyStep);
  /** Whether `screen` marks an object or array, and so what is below. */
  marksContainers = false;

  /** For the code that ajv makes: a mark of the value that a holder has at a key. */
  setScreen(holder: object | undefined, key: string | number | undefined, value: unknown, mark: number): void {
    this.marksContainers ||= typeof value !== "string";
    this.screen.set(holder, key, markAt(mark));
  }
}

/** Where several schemas meet in one string, every step of each is done. */
function everyStep(known: CleanSteps, added: CleanSteps): CleanSteps {
  return { ...known, ...added };
}
