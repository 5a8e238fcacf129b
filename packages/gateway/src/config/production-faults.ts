import type { GatewayConfig } from "./gateway-config.ts";
import { developmentKeys } from "./schema.ts";

const remedy = "make one with `openssl rand -hex 32`";

/** What would be unsafe in production, each with its remedy. Empty in every other environment. */
export function productionFaults({ environment, auth, cors, log }: GatewayConfig): string[] {
  if (environment !== "production") return [];
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
