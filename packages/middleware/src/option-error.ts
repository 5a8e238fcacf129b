import { inspect } from "node:util";

const longest = 200;

/**
 * The error for a wrong option: names package, option, what was expected and what came.
 *
 * @param packageName such as `@aivillage/rate-limit`
 * @param optionName such as `windowMs`, or a path such as `policies[0].limit`
 * @param expected completes "must be …", such as `a positive integer`
 * @param got the value as it came, shown in at most 200 characters; pass a description instead when it may be a secret
 */
export function optionError(packageName: string, optionName: string, expected: string, got: unknown): TypeError {
  const whole = inspect(got, { depth: 1, maxStringLength: 80, maxArrayLength: 5, breakLength: Infinity });
  const shown = whole.length > longest ? `${whole.slice(0, longest)}…` : whole;
  return new TypeError(`${packageName}: option \`${optionName}\` must be ${expected}, got ${shown}`);
}
