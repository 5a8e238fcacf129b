export type { ApiKey } from "./api-key.ts";
export { apiKeyAuth } from "./api-key-auth.ts";
export { type Authenticated, authenticated, type AuthenticationFailed, authenticationFailed, type FailureReason } from "./events.ts";
export { KeyRing, type KeyVerdict } from "./key-ring.ts";
export type { ApiKeyAuthOptions, JwtOptions } from "./options.ts";
export { getPrincipal, type Principal } from "./principal.ts";
export { requirePrincipal, type RequirePrincipalOptions } from "./require-principal.ts";
