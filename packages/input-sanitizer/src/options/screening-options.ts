import { option, optionError, readOptions } from "@aivillage/middleware";
import { type AttackClass, attackClasses, screeningRules } from "@aivillage/screening";

/** What happens to a finding: the request is refused, it is reported and passes, or it is ignored. */
const classOutcomes = ["refuse", "flag", "off"] as const;
export type ClassOutcome = (typeof classOutcomes)[number];

/** A rule that does not count, everywhere or at one location. */
export interface ScreeningExclusion {
  /** Id from the catalogue, such as `sqli/condition`, or `sqli/*` for a whole class. */
  rule: string;
  /** ValueLocation as findings give it: a JSON pointer such as `#/options/note`, or the name of a parameter or header. Default: everywhere. */
  at?: string;
}

/** How strings are screened for injections. */
export interface ScreeningOptions {
  /** Report what would be refused, as `inputFlagged` and `getInput(req).findings`, and let it pass. Default false. */
  dryRun?: boolean;
  /** Outcome by class of attack. Default: every class is refused. */
  outcomes?: Readonly<Partial<Record<AttackClass, ClassOutcome>>>;
  /** The score from 1 to 10 from which a finding counts, by profile. Default: strict 4, prose 7. */
  thresholds?: { strict?: number; prose?: number };
  /** Rules that do not count. Default: none. */
  exclude?: readonly ScreeningExclusion[];
}

/** The options, complete and checked. */
export interface Screening {
  readonly dryRun: boolean;
  readonly outcomes: Readonly<Record<AttackClass, ClassOutcome>>;
  readonly thresholds: { readonly strict: number; readonly prose: number };
  /** Rule ids; followed by a space and the location if the exclusion has one. */
  readonly excluded: ReadonlySet<string>;
}

const packageName = "@aivillage/input-sanitizer";

export function readScreening(given: ScreeningOptions): Screening {
  const { dryRun, outcomes, thresholds, exclude } = readOptions(
    packageName,
    given,
    {
      dryRun: option.boolean(false),
      outcomes: option.custom<NonNullable<ScreeningOptions["outcomes"]>>("an object of outcomes by class", {}, isObject),
      thresholds: option.custom<NonNullable<ScreeningOptions["thresholds"]>>("an object with `strict` and `prose`", {}, isObject),
      exclude: option.custom<readonly ScreeningExclusion[]>("a list of exclusions", [], Array.isArray),
    },
    "screening",
  );
  return { dryRun, outcomes: readOutcomes(outcomes), thresholds: readThresholds(thresholds), excluded: readExclusions(exclude) };
}

function readOutcomes(given: NonNullable<ScreeningOptions["outcomes"]>): Screening["outcomes"] {
  const rule = option.oneOf(classOutcomes, "refuse");
  const rules = Object.fromEntries(attackClasses.map((name) => [name, rule])) as Record<AttackClass, typeof rule>;
  return readOptions(packageName, given, rules, "screening.outcomes");
}

function readThresholds(given: NonNullable<ScreeningOptions["thresholds"]>): Screening["thresholds"] {
  const rules = { strict: option.integer(4, { min: 1, max: 10 }), prose: option.integer(7, { min: 1, max: 10 }) };
  return readOptions(packageName, given, rules, "screening.thresholds");
}

function readExclusions(given: readonly ScreeningExclusion[]): ReadonlySet<string> {
  return new Set(given.map((entry, index) => readExclusion(entry, `screening.exclude[${index}]`)));
}

function readExclusion(given: ScreeningExclusion, path: string): string {
  const { rule, at } = readOptions(
    packageName,
    given,
    {
      rule: option.custom<string>("the id of a rule", "", isRule),
      at: option.custom<string | undefined>("a JSON pointer or a name", undefined, (value) => typeof value === "string" && value !== ""),
    },
    path,
  );
  if (rule === "") throw optionError(packageName, `${path}.rule`, "the id of a rule", undefined);
  return at === undefined ? rule : `${rule} ${at}`;
}

function isRule(value: unknown): boolean {
  if (typeof value !== "string") return false;
  return screeningRules.some(({ id, class: attackClass }) => id === value || value === `${attackClass}/*`);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
