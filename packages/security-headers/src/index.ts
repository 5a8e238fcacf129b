export { getCspNonce } from "./csp-nonce.ts";
export type { SecurityHeadersOptions } from "./options.ts";
export type { CspDirectives, PermissionsPolicy, SecurityHeadersPreset } from "./presets.ts";
export { securityHeaders } from "./security-headers.ts";
