export { getCspNonce } from "./csp-nonce.ts";
export type { SecurityHeadersOptions } from "./options.ts";
export type { CspDirectives } from "./policies/content-security-policy.ts";
export type { PermissionsPolicy } from "./policies/permissions-policy.ts";
export type { SecurityHeadersPreset } from "./presets.ts";
export { securityHeaders } from "./security-headers.ts";
