export { clientIp, getClientIp, isFromTrustedProxy } from "./client-ip.ts";
export type { ClientIpOptions } from "./options.ts";
