import { developmentKeys } from "../settings/auth-settings.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import { isSecretLeftOut, tokenSecrets } from "../settings/token-secrets.ts";
import { isDerived } from "./derived-keys.ts";
import { isGuessable } from "./guessable.ts";
import { containsPublishedKey } from "./published-keys.ts";

/** How to get a key that passes. */
export const newKey = "make one with `openssl rand -hex 32`";

type Keys = GatewayConfig["auth"];

/** The previous secret is as good as the current one for anyone who knows it. A secret that verifies nothing because an issuer does does not count. */
function namesOf(auth: Keys): [name: string, key: string][] {
  const keys: [name: string, key: string][] = [["API_KEY", auth.apiKey]];
  if (!isSecretLeftOut(auth)) keys.push(["SECRET_KEY", auth.secretKey]);
  if (auth.secretKeyPrevious !== "") keys.push(["SECRET_KEY_PREVIOUS", auth.secretKeyPrevious]);
  return keys;
}

export function publishedKeyProblems(auth: Keys): string[] {
  return namesOf(auth).flatMap(([name, key]) => {
    if (!containsPublishedKey(key)) return [];
    const what = isDevelopmentKey(key) ? "is the public development key" : "contains a key from the public documentation";
    return [`${name} ${what} in production: ${newKey}`];
  });
}

/** The names of the settings that still have their public default and let somebody in by it. */
export function publicDefaults(auth: Keys): string[] {
  const inUse = [auth.apiKey, ...tokenSecrets(auth)];
  return namesOf(auth).flatMap(([name, key]) => (isDevelopmentKey(key) && inUse.includes(key) ? [name] : []));
}

function isDevelopmentKey(key: string): boolean {
  return Object.values<string>(developmentKeys).includes(key);
}

/** A key that is published is not called short or guessable too. */
export function shortKeyProblems(auth: Keys): string[] {
  return namesOf(auth).flatMap(([name, key]) =>
    key.length < 32 && !containsPublishedKey(key)
      ? [`${name} has ${key.length} characters in production, at least 32 are needed: ${newKey}`]
      : [],
  );
}

export function guessableKeyProblems(auth: Keys): string[] {
  return namesOf(auth).flatMap(([name, key]) =>
    key.length >= 32 && !containsPublishedKey(key) && isGuessable(key)
      ? [`${name} is guessable in production, it follows words, sequences or repetitions: ${newKey}`]
      : [],
  );
}

/** A client knows `API_KEY`: it must not learn from it what signs tokens, or has signed those that are still accepted. */
export function derivedKeyProblems(auth: Keys): string[] {
  const [, ...signing] = namesOf(auth);
  return signing.flatMap(([name, key]) => {
    if (key === auth.apiKey) return [`API_KEY and ${name} are the same in production: ${newKey} for each`];
    if (!isDerived(auth.apiKey, key)) return [];
    return [`${name} is derived from API_KEY in production, so every client can sign tokens: ${newKey}, apart from the other`];
  });
}
