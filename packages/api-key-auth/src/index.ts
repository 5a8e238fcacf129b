export { apiKeyAuth } from "./api-key-auth.ts";
export type { Carrier } from "./carriers.ts";
export {
  type Authenticated,
  authenticated,
  type AuthenticationFailed,
  authenticationFailed,
  type FailureReason,
  type JwkSetChanged,
  jwkSetChanged,
} from "./events.ts";
export type { ApiKey } from "./keys/api-key.ts";
export type { KeyBudget } from "./key-budget.ts";
export { KeyRing, type KeyVerdict } from "./keys/key-ring.ts";
export { createApiKey, type CreateApiKeyOptions, type CreatedApiKey, parseApiKey, type ParsedApiKey } from "./keys/key-text.ts";
export type { FailuresOptions } from "./failures/failures-options.ts";
export { getIdentityToken, identityToken } from "./identity/identity-token.ts";
export type { IdentityTokenOptions } from "./identity/identity-options.ts";
export { isGuess } from "./failures/guesses.ts";
export { JwkSet } from "./jwt/jwk-set.ts";
export type { JwkSetOptions } from "./jwt/jwk-set-options.ts";
export type { JwtOptions } from "./jwt/jwt-options.ts";
export type { ApiKeyAuthOptions } from "./options.ts";
export { getPrincipal } from "./outcome.ts";
export type { Principal } from "./principal.ts";
export { requirePrincipal, type RequirePrincipalOptions, requireScope } from "./require-principal.ts";
export { strayKeys, type StrayKeys, type StrayKeysOptions } from "./stray-keys.ts";
