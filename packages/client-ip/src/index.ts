export { clientIp, getClientIp, isFromTrustedProxy } from "./client-ip.ts";
export { type ForwardingHeaderIgnored, forwardingHeaderIgnored } from "./events.ts";
export { trustedPeers } from "./trusted-proxies.ts";
export type { ClientIpOptions } from "./options.ts";
