import { type ScreenProfile, screenProfiles } from "@aivillage/screening";

/** What the keyword `screen` says about a string, or about all strings in an object or array. */
export interface ScreenMark {
  readonly profile: ScreenProfile;
  /** What findings do: refuse, refuse in what the user has just said and else only be reported, or only be reported. */
  readonly kind: MarkKind;
  /** Whether findings in a string that has the mark can refuse. */
  readonly refuses: boolean;
}

/** From the strictest on. */
const kinds = ["refuse", "conversation", "flag"] as const;
type MarkKind = (typeof kinds)[number];

const profileNames: readonly string[] = screenProfiles.filter((name) => name !== "off");

/**
 * Whether the keyword's value is `"prose"`, `{ "conversation": "prose" }`, `{ "flag": "prose" }`, or `{ "off": "why" }`. Nobody finds out
 * later why a field was left out, unless the schema says it.
 */
export function isScreenValue(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return profileNames.includes(value as string);
  const [member, another] = Object.entries(value) as [string, unknown][];
  if (member === undefined || another !== undefined) return false;
  const [name, given] = member;
  if (name === "off") return typeof given === "string" && given !== "";
  return (name === "conversation" || name === "flag") && profileNames.includes(given as string);
}

/** The keyword's values in words; completes "must be …". */
export const screenForms =
  `one of ${profileNames.map((name) => `"${name}"`).join(", ")}, ` +
  'or an object such as { "conversation": "prose" }, { "flag": "prose" } or { "off": "why it is not screened" }';

/** Every mark once, as each request sets some. */
const marks: readonly ScreenMark[] = screenProfiles.flatMap((name) =>
  kinds.map((kind): ScreenMark => ({ profile: name, kind, refuses: kind !== "flag" })),
);

/** The index of the mark that a valid value of the keyword stands for. */
export function toMarkIndex(value: unknown): number {
  if (typeof value === "string") return indexOf(value as ScreenProfile, "refuse");
  const { conversation, flag } = value as { conversation?: ScreenProfile; flag?: ScreenProfile };
  return conversation === undefined ? indexOf(flag ?? "off", "flag") : indexOf(conversation, "conversation");
}

export function markAt(index: number): ScreenMark {
  const mark = marks[index];
  if (mark === undefined) throw new RangeError(`no mark has the index ${index}`);
  return mark;
}

function indexOf(name: ScreenProfile, kind: MarkKind): number {
  return screenProfiles.indexOf(name) * kinds.length + kinds.indexOf(kind);
}

/** Where several schemas meet in one value, the strictest profile and the strictest kind win. */
export function stricter(known: ScreenMark, added: ScreenMark): ScreenMark {
  const profileIndex = Math.min(screenProfiles.indexOf(known.profile), screenProfiles.indexOf(added.profile));
  return markAt(profileIndex * kinds.length + Math.min(kinds.indexOf(known.kind), kinds.indexOf(added.kind)));
}
