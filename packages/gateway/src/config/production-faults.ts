import type { GatewayConfig } from "./gateway-config.ts";
import { nearest } from "./nearest.ts";
import { developmentKeys } from "./schema.ts";

const remedy = "make one with `openssl rand -hex 32`";

/** What would be unsafe in production, each with its remedy. Empty in other environments. */
export function productionFaults({ environment, auth, cors, log }: GatewayConfig): string[] {
  if (!isProduction(environment)) return [];
  return [
    ...keyFaults("API_KEY", auth.apiKey, developmentKeys.apiKey),
    ...keyFaults("SECRET_KEY", auth.secretKey, developmentKeys.secretKey),
    ...(auth.apiKey === auth.secretKey ? [`API_KEY and SECRET_KEY are the same in production: ${remedy} for each`] : []),
    ...(cors.origins.includes("*") ? ["CORS_ORIGINS allows every origin in production: list your own, such as https://app.example"] : []),
    ...(log.debug || log.level === "DEBUG" ? ["DEBUG output is on in production: unset DEBUG and set LOG_LEVEL to INFO or higher"] : []),
  ];
}

function keyFaults(name: string, key: string, developmentKey: string): string[] {
  if (key === developmentKey) return [`${name} is the public development key in production: ${remedy}`];
  if (key.length < 32) return [`${name} has ${key.length} characters in production, at least 32 are needed: ${remedy}`];
  if (new Set(key).size < 10) return [`${name} is weak in production, it has only ${new Set(key).size} different characters: ${remedy}`];
  return [];
}

/** The public keys that are in use outside development, each with its remedy: production refuses them, other environments are warned. */
export function keyWarnings({ environment, auth }: GatewayConfig): string[] {
  if (environment === "development") return [];
  const inUse = [
    ...(auth.apiKey === developmentKeys.apiKey ? ["API_KEY"] : []),
    ...(auth.secretKey === developmentKeys.secretKey ? ["SECRET_KEY"] : []),
  ];
  return inUse.map(
    (name) => `WARN: ${name} is the public development key in the environment ${environment}, so anybody gets in: ${remedy}`,
  );
}

/** A short form or a slip must not switch the checks off in silence: `prod`, `prd`, `live`, `prod-eu`, `porduction` are production too. */
function isProduction(environment: string): boolean {
  return /^(prod|prd|live)/.test(environment) || nearest(environment, ["production"], 2) !== undefined;
}
