import { inspect } from "node:util";

import { recogniseAcrossCopies } from "./across-copies.ts";
import { nearest } from "./nearest.ts";

const longest = 200;

/** What an `OptionError` is made of. */
export interface OptionErrorInit {
  /** Such as `@aivillage/rate-limit`. */
  readonly packageName: string;
  /** Such as `windowMs`, or a path such as `policies[0].limit`; empty when the options as a whole are wrong. */
  readonly option: string;
  /** What would be right; completes "must be …", such as `a positive integer`. */
  readonly expected: string;
  /** The value as it is shown, in at most 200 characters. Leave it out where it may be a secret. */
  readonly got?: string | undefined;
  /** What is wrong, in words. Default: made of the others. */
  readonly reason?: string | undefined;
  readonly code?: OptionError["code"] | undefined;
  readonly nearest?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The error for a wrong option. Factories throw it, so that a program fails when it starts and not when a request comes.
 *
 * Its `name` stays `TypeError`, as that of Node's own errors with a `code` does.
 */
export class OptionError extends TypeError {
  /** Stable, for programs: which kind of error it is. */
  readonly code: "AIVILLAGE_OPTION_INVALID" | "AIVILLAGE_OPTION_UNKNOWN";
  readonly packageName: string;
  readonly option: string;
  readonly expected: string;
  readonly got: string | undefined;
  /** The known option that an unknown one is most like. */
  readonly nearest: string | undefined;
  /** The message without the name of the package, for programs whose users do not know it. */
  readonly reason: string;

  static {
    recogniseAcrossCopies(this, "@aivillage/middleware.OptionError");
  }

  constructor(init: OptionErrorInit) {
    const { packageName, option, expected, got } = init;
    const what = option === "" ? "options" : `option \`${option}\``;
    const reason = init.reason ?? `${what} must be ${expected}${got === undefined ? "" : `, got ${got}`}`;
    super(`${packageName}: ${reason}`, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code ?? "AIVILLAGE_OPTION_INVALID";
    this.packageName = packageName;
    this.option = option;
    this.expected = expected;
    this.got = got;
    this.nearest = init.nearest;
    this.reason = reason;
  }
}

/**
 * The error for a wrong option: names package, option, what was expected and what came.
 *
 * @param packageName such as `@aivillage/rate-limit`
 * @param optionName such as `windowMs`, or a path such as `policies[0].limit`
 * @param expected completes "must be …", such as `a positive integer`
 * @param got the value as given, shown in at most 200 characters and without the credentials of URLs; pass a description instead when it may
 *   be a secret
 */
export function optionError(packageName: string, optionName: string, expected: string, got: unknown): OptionError {
  // What is cut off could be the sign that separates a password from a host. No URL is as long as this.
  const whole = withoutPassword(inspect(got, { depth: 1, maxStringLength: 10_000, maxArrayLength: 5, breakLength: Infinity }));
  const shown = whole.length > longest ? `${whole.slice(0, longest)}…` : whole;
  return new OptionError({ packageName, option: optionName, expected, got: shown });
}

/**
 * A URL that is refused may hold a password, and errors are logged. Up to the last `@` of a text: a password may hold the signs that have to be
 * encoded there, which may be why the URL is refused. A text such as `ada:secret@proxy` is a URL without its scheme.
 */
function withoutPassword(text: string): string {
  return text.replaceAll(/(:\/\/)[^'"\n]*@/g, "$1[redacted]@").replaceAll(/(['"])[^'":\n]*:(?!\/\/)[^'"\n]*@/g, "$1[redacted]@");
}

/**
 * The error for an option that does not exist: names those that do, and the one that was probably meant.
 *
 * @param prefix where a nested object stands, such as `policies[0].`
 * @param remedy what to write instead, for an option that another package has
 */
export function unknownOption(packageName: string, name: string, known: readonly string[], prefix = "", remedy?: string): OptionError {
  const near = remedy === undefined ? nearest(name, known, Math.max(1, name.length / 3)) : undefined;
  const guess = near === undefined ? "" : ` (did you mean \`${near}\`?)`;
  const hint = remedy === undefined ? guess : ` (${remedy})`;
  return new OptionError({
    code: "AIVILLAGE_OPTION_UNKNOWN",
    packageName,
    option: prefix + name,
    expected: `one of ${known.join(", ")}`,
    nearest: near,
    reason: `unknown option \`${prefix}${name}\`${hint}; known options: ${known.join(", ")}`,
  });
}

/** What a package says of a wrong option, for people who do not know which package it was; of any other error its message. */
export function optionReason(error: unknown): string {
  if (error instanceof OptionError) return error.reason;
  return error instanceof Error ? error.message : String(error);
}
