import { optionError } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import type { ValueLocation } from "../problems/location.ts";

/** A rule or class that does not count, and where. */
export interface Exclusion {
  /** Such as `sqli/condition` or `sqli/*`. */
  readonly rule: string;
  /** Segments of a pointer into the body, of which `*` fits any; or the name of a parameter or header. Without it: everywhere. */
  readonly field?: readonly string[] | string;
}

/** @throws OptionError for what is neither a pointer nor a name */
export function readField(given: string, path: string): readonly string[] | string {
  if (given === "#" || given.startsWith("#/")) return given.split("/").slice(1);
  if (given !== "" && !given.startsWith("#") && !given.includes("/")) return given;
  const expected = "a JSON pointer such as #/messages/*/content, or the name of a parameter or header";
  throw optionError(packageName, path, expected, given);
}

/** Whether an exclusion names a rule at a location. */
export function isExcluded(exclusions: readonly Exclusion[], attackClass: string, rule: string, at: ValueLocation): boolean {
  return exclusions.some((each) => (each.rule === `${attackClass}/${rule}` || each.rule === `${attackClass}/*`) && isAt(each.field, at));
}

function isAt(field: Exclusion["field"], at: ValueLocation): boolean {
  if (field === undefined) return true;
  if (typeof field === "string") return field === ("header" in at ? at.header : "parameter" in at ? at.parameter : undefined);
  if (!("pointer" in at)) return false;
  const segments = at.pointer.split("/").slice(1);
  return field.every((segment, index) => (segment === "*" ? index < segments.length : segment === segments[index]));
}
