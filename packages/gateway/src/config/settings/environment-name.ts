import { nearest } from "@aivillage/middleware";

/** Names of environments where public keys and open pages do no harm. Every other name counts as production. */
export const nonProductionNames = [
  "development",
  "develop",
  "dev",
  "local",
  "test",
  "testing",
  "ci",
  "integration",
  "qa",
  "uat",
  "staging",
  "stage",
  "preview",
  "review",
  "sandbox",
  "demo",
] as const;

/** `Production ` and `production` are one environment: they must not differ in what is checked, or in which file counts. */
export function normaliseEnvironment(name: string): string {
  return name.trim().toLowerCase();
}

/**
 * Whether the production checks hold: the only place in the gateway that decides this.
 *
 * A name is judged by its parts between `-` and `_`. It is production unless a part is a known non-production name, and always when a
 * part looks like production, so that no short form, slip or unknown name opens the gateway: `prod-eu`, `live`, `main`, `porduction`.
 */
export function isProduction(environment: string): boolean {
  const parts = normaliseEnvironment(environment)
    .split(/[-_]/)
    .map((part) => part.replace(/\d+$/, ""));
  return parts.some(looksLikeProduction) || !parts.some((part) => nonProductionNames.some((name) => name === part));
}

function looksLikeProduction(part: string): boolean {
  return /^(prod|prd|live|main|master|release)/.test(part) || nearest(part, ["production"], 2) !== undefined;
}
