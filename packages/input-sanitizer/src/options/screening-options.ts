import { isPlainObject, nearest, option, OptionError, optionError, readOptions } from "@aivillage/middleware";
import { type AttackClass, attackClasses, screeningRules } from "@aivillage/screening";

import { packageName } from "../package-name.ts";
import { type Exclusion, readField } from "./exclusions.ts";

/** The request is refused, it is reported and passes, or the finding is ignored. */
const classOutcomes = ["block", "flag", "off"] as const;
/** What happens to the findings of a class. */
export type ClassOutcome = (typeof classOutcomes)[number];

/** A rule that does not count, everywhere or in one field. */
export interface ScreeningExclusion {
  /** Id from the catalogue, such as `sqli/condition`, or `sqli/*` for a whole class. */
  rule: string;
  /**
   * A JSON pointer such as `#/options/note`, with everything below it, in which `*` is any one key or index: `#/messages/*`. Or the name of a
   * parameter or header. Default: everywhere.
   */
  field?: string;
}

/** How strings are screened for injections. */
export interface ScreeningOptions {
  /** `flag` reports what would be refused, as `inputFlagged` and `getInput(req).findings`, and lets it pass. Default `block`. */
  mode?: "block" | "flag";
  /** Outcome by class of attack. Default: every class is `block`. */
  outcomes?: Readonly<Partial<Record<AttackClass, ClassOutcome>>>;
  /** The score from 1 to 10 from which a finding counts, by profile. Default: strict 4, prose 7, model 7. */
  thresholds?: { strict?: number; prose?: number; model?: number };
  /** Rules that do not count. Default: none. */
  exclude?: readonly ScreeningExclusion[];
}

/** The options, complete and checked. */
export interface Screening {
  readonly mode: "block" | "flag";
  readonly outcomes: Readonly<Record<AttackClass, ClassOutcome>>;
  readonly thresholds: { readonly strict: number; readonly prose: number; readonly model: number };
  readonly exclusions: readonly Exclusion[];
}

export function readScreening(given: ScreeningOptions): Screening {
  const { mode, outcomes, thresholds, exclude } = readOptions(
    packageName,
    given,
    {
      mode: option.oneOf(["block", "flag"], "block"),
      outcomes: option.custom<NonNullable<ScreeningOptions["outcomes"]>>("an object of outcomes by class", {}, isPlainObject),
      thresholds: option.custom<NonNullable<ScreeningOptions["thresholds"]>>("an object of scores by profile", {}, isPlainObject),
      exclude: option.custom<readonly ScreeningExclusion[]>("a list of exclusions", [], Array.isArray),
    },
    "screening",
  );
  const exclusions = exclude.map((entry, index) => readExclusion(entry, `screening.exclude[${index}]`));
  return { mode, outcomes: readOutcomes(outcomes), thresholds: readThresholds(thresholds), exclusions };
}

function readOutcomes(given: NonNullable<ScreeningOptions["outcomes"]>): Screening["outcomes"] {
  const rule = option.oneOf(classOutcomes, "block");
  const rules = Object.fromEntries(attackClasses.map((name) => [name, rule])) as Record<AttackClass, typeof rule>;
  return readOptions(packageName, given, rules, "screening.outcomes");
}

function readThresholds(given: NonNullable<ScreeningOptions["thresholds"]>): Screening["thresholds"] {
  const score = (fallback: number) => option.integer(fallback, { min: 1, max: 10 });
  const rules = { strict: score(4), prose: score(7), model: score(7) };
  return readOptions(packageName, given, rules, "screening.thresholds");
}

function readExclusion(given: ScreeningExclusion, path: string): Exclusion {
  const { rule, field } = readOptions(
    packageName,
    given,
    {
      rule: option.custom<string>("the id of a rule", "", isString),
      field: option.custom<string | undefined>("a JSON pointer or a name", undefined, isString),
    },
    path,
  );
  return { rule: readRule(rule, `${path}.rule`), ...(field !== undefined && { field: readField(field, `${path}.field`) }) };
}

const ruleIds: readonly string[] = [...screeningRules.map(({ id }) => id), ...attackClasses.map((name) => `${name}/*`)];

function readRule(given: string, path: string): string {
  if (given === "") throw optionError(packageName, path, "the id of a rule", undefined);
  if (ruleIds.includes(given)) return given;
  const near = nearest(given, ruleIds);
  const expected = "the id of a rule such as sqli/condition, or of a class such as sqli/*";
  const guess = near === undefined ? "" : ` (did you mean ${near}?)`;
  const reason = `option \`${path}\` must be ${expected}, got "${given}"${guess}`;
  throw new OptionError({ packageName, option: path, expected, got: given, nearest: near, reason });
}

function isString(value: unknown): boolean {
  return typeof value === "string";
}
