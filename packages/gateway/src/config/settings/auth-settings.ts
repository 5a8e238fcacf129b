import { setting } from "./setting.ts";

/** The keys that a gateway has when nobody gave it any. They are public: production refuses them. */
export const developmentKeys = { apiKey: "dev-gateway-key-12345", secretKey: "dev-secret-key-change-in-production" } as const;

/** What decides who gets in. */
export const authSettings = {
  apiKey: setting(
    "API_KEY",
    "bearer-key",
    developmentKeys.apiKey,
    "API key that clients send as `Authorization: Bearer`, or in a header of `API_KEY_CARRIERS`",
    {
      sensitive: true,
    },
  ),
  secretKey: setting(
    "SECRET_KEY",
    "secret",
    developmentKeys.secretKey,
    "Verifies HS256 tokens; at least 32 characters; unset with a JWK Set: no HS256 token is accepted",
    {
      sensitive: true,
    },
  ),
  secretKeyPrevious: setting("SECRET_KEY_PREVIOUS", "optional-secret", "", "Verifies HS256 tokens too, while `SECRET_KEY` is replaced", {
    sensitive: true,
  }),
  jwt: {
    issuer: setting("JWT_ISSUER", "list", [], "Issuers of which a token has to name one in `iss`; none: `iss` is ignored"),
    audience: setting(
      "JWT_AUDIENCE",
      "list",
      [],
      "Audiences of which a token has to name one in `aud`; none: tokens with `aud` are refused",
    ),
    maxLifetimeSeconds: setting(
      "JWT_MAX_LIFETIME",
      "lifetime",
      0,
      "Longest time from `iat` to `exp` of a token, in seconds; `iat` is then required; 0: no limit",
    ),
    clockToleranceSeconds: setting("JWT_CLOCK_TOLERANCE", "tolerance", 0, "Seconds that the clocks of issuer and gateway may differ"),
    jwksUrl: setting("JWT_JWKS_URL", "text", "", "URL of the issuer's public keys (JWK Set) for RS256, ES256 and EdDSA tokens"),
    jwksFile: setting("JWT_JWKS_FILE", "text", "", "File with such a JWK Set, instead of the URL"),
  },
  carriers: setting(
    "API_KEY_CARRIERS",
    "carrier-list",
    ["authorization"],
    "Headers that may hold the key or token: `authorization` for `Authorization: Bearer`, and others such as `x-api-key` and `api-key`",
  ),
  apiKeysFile: setting("API_KEYS_FILE", "text", "", "YAML file with further API keys"),
};
