export type { GatewayConfig } from "./config/settings/gateway-config.ts";
export { ConfigError } from "./config/loader/config-error.ts";
export { type ConfigSources, loadConfig } from "./config/load-config.ts";
export { createGateway } from "./create-gateway.ts";
export type { Gateway, ServicesReport } from "./gateway.ts";
export type { GatewayDependencies, GatewayLogger } from "./dependencies.ts";
export { type StartedGateway, startGateway, type StartOptions } from "./run/start-gateway.ts";
export type { ReloadResult } from "./state/recent-reloads.ts";
