import type { InputFinding } from "../input/input.ts";

export const noFindings: readonly InputFinding[] = [];

/** Both lists; no new one where one of them is empty, which is nearly always. */
export function joinFindings(
  some: readonly InputFinding[] = noFindings,
  others: readonly InputFinding[] = noFindings,
): readonly InputFinding[] {
  if (others.length === 0) return some;
  return some.length === 0 ? others : [...some, ...others];
}
