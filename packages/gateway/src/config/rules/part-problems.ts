import { JwkSet, KeyRing } from "@aivillage/api-key-auth";
import { clientIp } from "@aivillage/client-ip";
import { addressList, OptionError, optionReason } from "@aivillage/middleware";
import { Penalties } from "@aivillage/rate-limit";

import { readApiKeys } from "../loader/api-keys-file.ts";
import { ConfigError } from "../loader/config-error.ts";
import { redisClient } from "../options/redis-client.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import { jwkSetOptions } from "../settings/token-secrets.ts";
import { headerProblems } from "./header-problems.ts";
import { penaltyOptions } from "./limit-rules.ts";

/** Problems of a setting that only the packages can find. They are asked here, so that `check-config` refuses what `start` would. */
export function partProblems({ server, auth, rateLimit, metrics, headers }: GatewayConfig): string[] {
  return [
    ...listProblems("TRUSTED_PROXIES", server.trustedProxies, (trustedProxies) => clientIp({ trustedProxies })),
    ...listProblems("RATE_LIMIT_ALLOW", rateLimit.allow, (entries) => addressList("@aivillage/gateway", "rateLimit.allow", entries)),
    ...listProblems("METRICS_ALLOW", metrics.allow, (entries) => addressList("@aivillage/gateway", "metrics.allow", entries)),
    ...problemsOf(
      "PENALTY_MAX_SECONDS",
      () => new Penalties(penaltyOptions(rateLimit.penalty)).close(),
      ": raise it, or lower PENALTY_SECONDS",
    ),
    ...headerProblems(headers),
    ...redisProblems(rateLimit.redisUrl),
    ...jwksProblems(auth.jwt),
    ...problemsOf(`API_KEYS_FILE ${auth.apiKeysFile}`, () => new KeyRing(readApiKeys(auth))),
  ];
}

function redisProblems(url: string): string[] {
  if (url === "") return [];
  try {
    redisClient({ url });
    return [];
  } catch {
    // The error may quote the URL, and so the password.
    return ["REDIS_URL cannot be read (not shown, it may hold a secret): percent-encode special characters of user and password"];
  }
}

function jwksProblems(jwt: GatewayConfig["auth"]["jwt"]): readonly string[] {
  if (jwt.jwksUrl !== "" && jwt.jwksFile !== "") return ["JWT_JWKS_URL and JWT_JWKS_FILE are both set: unset one of them"];
  const options = jwkSetOptions(jwt);
  if (options === undefined) return [];
  return problemsOf(jwt.jwksUrl === "" ? "JWT_JWKS_FILE" : "JWT_JWKS_URL", () => new JwkSet(options));
}

function problemsOf(name: string, make: () => unknown, remedy = ""): readonly string[] {
  try {
    make();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    return [`${name}: ${optionReason(error)}${remedy}`];
  }
}

/** What is wrong with the entries of a list that a variable holds, each judged by itself, or with all together. */
function listProblems(name: string, entries: readonly string[], make: (entries: readonly string[]) => unknown): readonly string[] {
  const errors = entries.flatMap((entry) => {
    try {
      make([entry]);
      return [];
    } catch (error) {
      if (!(error instanceof OptionError)) throw error;
      return [error];
    }
  });
  if (errors.length === 0) return problemsOf(name, () => make(entries));
  const byExpected = Map.groupBy(errors, ({ expected }) => expected);
  return [...byExpected].map(
    ([expected, wrong]) => `${name}: each entry must be ${expected}, got ${wrong.map(({ got }) => got).join(", ")}`,
  );
}
