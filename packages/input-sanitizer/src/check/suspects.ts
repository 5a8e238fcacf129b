import type { InputFinding } from "../input/input.ts";
import { type InputLocation, locationOf } from "../problems/location.ts";
import { maxErrors } from "../problems/problems.ts";
import type { KeywordMarks } from "../schema/keyword-marks.ts";
import { noFindings } from "./findings.ts";
import { isOperator } from "./forbidden-keys.ts";
import { keyFinding } from "./refused-key.ts";
import { ScreenScopes } from "./screen-scopes.ts";
import { pathTo, type Suspect } from "./walk-document.ts";

/**
 * Lets suspects pass where the schema only flags, such as in the call of a tool that an earlier message holds: a conversation could not go on
 * without it. New text for a model may have any character. Where the screening is off, keys and characters count as everywhere.
 *
 * @throws HttpProblem 400 for the first suspect anywhere else
 */
export function requirePermitted(suspects: readonly Suspect[], marks: KeywordMarks): void {
  const scopes = new ScreenScopes(marks);
  for (const suspect of suspects) {
    const rule = scopes.of(suspect);
    const isPermitted = rule.refuses ? rule.profile === "model" && !suspect.isKey : rule.profile !== "off";
    if (!isPermitted) throw suspect.toProblem();
  }
}

/** Findings for the operators among suspects that are permitted. */
export function flaggedOperators(suspects: readonly Suspect[], location: InputLocation): readonly InputFinding[] {
  if (suspects.length === 0) return noFindings;
  return suspects
    .filter(({ isKey, text }) => isKey && isOperator(text))
    .slice(0, maxErrors)
    .map(({ holder, key }) => keyFinding(location, locationOf(location, pathTo(holder, key)), "flag"));
}
