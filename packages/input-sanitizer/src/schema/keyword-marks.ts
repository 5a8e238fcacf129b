import { type ScreenProfile, screenProfiles } from "@aivillage/screening";

import type { CleanSteps } from "./clean-steps.ts";
import { SchemaMarks } from "./schema-marks.ts";

/** What the keywords `screen` and `clean` said about the strings of one document. */
export class KeywordMarks {
  readonly screen = new SchemaMarks<ScreenProfile>(stricter);
  readonly clean = new SchemaMarks<CleanSteps>(everyStep);
}

/** Where several schemas meet in one string, the strictest profile wins. */
function stricter(known: ScreenProfile, added: ScreenProfile): ScreenProfile {
  return screenProfiles.indexOf(added) < screenProfiles.indexOf(known) ? added : known;
}

/** Where several schemas meet in one string, every step of each is done. */
function everyStep(known: CleanSteps, added: CleanSteps): CleanSteps {
  return { ...known, ...added };
}
