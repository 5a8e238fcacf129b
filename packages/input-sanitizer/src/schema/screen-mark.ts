import { type ScreenProfile, screenProfiles } from "@aivillage/screening";

/** What the keyword `screen` says about a string, or about all strings in an object or array. */
export interface ScreenMark {
  readonly profile: ScreenProfile;
  /** What findings do: refuse, refuse in what the user has just said and else only be reported, or only be reported. */
  readonly kind: MarkKind;
}

/** From the strictest on. */
const kinds = ["refuse", "conversation", "flag"] as const;
export type MarkKind = (typeof kinds)[number];

const profile = { enum: screenProfiles.filter((name) => name !== "off") };
const single = (name: string, value: object) =>
  ({ type: "object", additionalProperties: false, required: [name], properties: { [name]: value } }) as const;

/**
 * JSON Schema of the keyword's value: `"prose"`, `{ "conversation": "prose" }`, `{ "flag": "prose" }`, or `{ "off": "why" }`, since nobody
 * finds out later why a field was left out, unless it is said.
 */
export const screenSchema = {
  anyOf: [profile, single("conversation", profile), single("flag", profile), single("off", { type: "string", minLength: 1 })],
};

/** The mark that a valid value of the keyword stands for. */
export function toScreenMark(value: unknown): ScreenMark {
  if (typeof value === "string") return { profile: value as ScreenProfile, kind: "refuse" };
  const { conversation, flag } = value as { conversation?: ScreenProfile; flag?: ScreenProfile };
  if (conversation !== undefined) return { profile: conversation, kind: "conversation" };
  return { profile: flag ?? "off", kind: "flag" };
}

/** Where several schemas meet in one value, the strictest profile and the strictest kind win. */
export function stricter(known: ScreenMark, added: ScreenMark): ScreenMark {
  return {
    profile: screenProfiles[Math.min(screenProfiles.indexOf(known.profile), screenProfiles.indexOf(added.profile))] ?? "strict",
    kind: kinds[Math.min(kinds.indexOf(known.kind), kinds.indexOf(added.kind))] ?? "refuse",
  };
}
