/** From the strictest to none: short technical fields, text that people write, text that only a model reads, nothing at all. */
export const screenProfiles = ["strict", "prose", "model", "off"] as const;

/**
 * `strict` is for identifiers, paths and other short fields: any sign of an attack counts. `prose` is for what people write:
 * questions about SQL, HTML or a shell pass, and what breaks out of a data context counts. `model` finds the same in text that only
 * a language model reads, such as files and results of tools, but only flags what does not attack the HTTP stack itself. `off` finds
 * nothing.
 */
export type ScreenProfile = (typeof screenProfiles)[number];

/** Options of `screen()`. */
export interface ScreenOptions {
  /** Which findings count. */
  profile: ScreenProfile;
  /** The score from 1 to 10 from which a finding counts. Default: strict 4, prose and model 7. */
  threshold?: number;
  /** Whether a trained model judges what the detectors found in prose. Default: true. */
  judge?: boolean;
}

type ReadScreenOptions = Required<Pick<ScreenOptions, "profile" | "judge">> & { threshold: ScreenOptions["threshold"] | undefined };

/**
 * Checks the options of one call, for which reading them must cost next to nothing: a misspelt one would let attacks pass.
 *
 * @throws TypeError that names the option
 */
export function readScreenOptions(options: ScreenOptions): ReadScreenOptions {
  if (typeof options !== "object" || options === null) throw badValue("the options must be an object with `profile`", options);
  for (const name in options) if (name !== "profile" && name !== "threshold" && name !== "judge") throw unknownOption(name);
  const { profile, threshold, judge = true } = options;
  if (profile !== "strict" && profile !== "prose" && profile !== "model" && profile !== "off")
    throw badValue(`option \`profile\` must be one of ${screenProfiles.join(", ")}`, profile);
  if (threshold !== undefined && !(typeof threshold === "number" && threshold >= 1 && threshold <= 10))
    throw badValue("option `threshold` must be a number from 1 to 10", threshold);
  if (typeof judge !== "boolean") throw badValue("option `judge` must be true or false", judge);
  return { profile, threshold, judge };
}

function badValue(problem: string, value: unknown): TypeError {
  return new TypeError(`@aivillage/screening: ${problem}, got ${shown(value)}`);
}

function unknownOption(name: string): TypeError {
  return new TypeError(`@aivillage/screening: unknown option \`${name}\`; known options: profile, threshold, judge`);
}

/** A wrong value for an error, short and without what is in it. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value) ? "a list" : "an object";
}
