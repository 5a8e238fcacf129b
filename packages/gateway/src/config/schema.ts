import type { Schema } from "convict";

import type { FormatName } from "./formats.ts";
import type { GatewayConfig } from "./gateway-config.ts";

/** The keys that a gateway has when nobody gave it any. They are public: production refuses them. */
export const developmentKeys = { apiKey: "dev-gateway-key-12345", secretKey: "dev-secret-key-change-in-production" } as const;

function setting<T>(env: string, format: FormatName, fallback: T, doc: string, { sensitive = false } = {}) {
  return { env, format, default: fallback, doc, sensitive };
}

/** Every setting once: YAML key (the path), environment variable, format, default and description. */
export const schema: Schema<GatewayConfig> = {
  environment: setting("ENVIRONMENT", "name", "development", "Name of the environment; `production` switches the production checks on"),
  server: {
    host: setting("GATEWAY_HOST", "text", "0.0.0.0", "Address to listen on"),
    port: setting("GATEWAY_PORT", "port-number", 8000, "TCP port, 0 for a free one"),
    trustedProxies: setting(
      "TRUSTED_PROXIES",
      "list",
      [],
      "Proxies whose `X-Forwarded-For` is believed: addresses, CIDR ranges, `loopback`, `linklocal`, `private`",
    ),
    workers: setting("WORKERS", "worker-count", 1, "Number of serving processes; this version runs one"),
  },
  auth: {
    apiKey: setting("API_KEY", "bearer-key", developmentKeys.apiKey, "API key that clients send as `Authorization: Bearer`", {
      sensitive: true,
    }),
    secretKey: setting("SECRET_KEY", "secret", developmentKeys.secretKey, "Verifies HS256 tokens; at least 32 characters", {
      sensitive: true,
    }),
    apiKeysFile: setting("API_KEYS_FILE", "text", "", "YAML file with further API keys"),
  },
  rateLimit: {
    requests: setting("RATE_LIMIT_REQUESTS", "count", 100, "Requests that one client may send in a window"),
    windowSeconds: setting("RATE_LIMIT_WINDOW", "seconds", 60, "Length of the window in seconds"),
    redisUrl: setting(
      "REDIS_URL",
      "redis-url",
      "",
      "Redis or Valkey in which several gateways share their counts; none: counts in memory",
      {
        sensitive: true,
      },
    ),
  },
  cors: { origins: setting("CORS_ORIGINS", "origin-list", ["*"], "Origins whose pages may read answers, or `*`") },
  services: {
    twin: setting("TWIN_URL", "url-list", ["http://localhost:8001"], "The twin, which chats"),
    agentController: setting("AGENT_CONTROLLER_URL", "url-list", ["http://localhost:8002"], "The agent controller, which answers queries"),
    knowledgeSystem: setting(
      "KNOWLEDGE_SYSTEM_URL",
      "url-list",
      ["http://localhost:8003"],
      "The knowledge system, which takes uploads and stands in for the controller",
    ),
  },
  features: {
    metrics: setting("ENABLE_METRICS", "boolean", true, "Serve `/metrics`"),
    fileUpload: setting("ENABLE_FILE_UPLOAD", "boolean", true, "Serve `/v1/upload`"),
    agentProxy: setting(
      "ENABLE_AGENT_PROXY",
      "boolean",
      true,
      "Send queries to the agent controller first; off: straight to the knowledge system",
    ),
  },
  upload: { maxFileBytes: setting("MAX_FILE_SIZE", "bytes", 10_485_760, "Largest upload in bytes") },
  timeouts: {
    requestSeconds: setting("REQUEST_TIMEOUT", "seconds", 30, "Seconds that a service behind may take to answer"),
    healthCheckSeconds: setting("HEALTH_CHECK_TIMEOUT", "seconds", 5, "Seconds after which a health probe is given up"),
  },
  log: {
    level: setting("LOG_LEVEL", "log-level", "INFO", "Lowest level that is logged: `DEBUG`, `INFO`, `WARN`, `ERROR`"),
    debug: setting("DEBUG", "boolean", false, "Logs at level DEBUG whatever `LOG_LEVEL` says; refused in production"),
  },
};

/** One setting, flat. */
export interface Setting {
  /** YAML key with its parents, joined by dots. */
  readonly key: string;
  readonly env: string;
  readonly format: FormatName;
  readonly default: unknown;
  readonly doc: string;
  readonly sensitive: boolean;
}

/** All settings in the order of the schema. */
export const settings: readonly Setting[] = flatten(schema, "");

function flatten(node: object, parent: string): Setting[] {
  return Object.entries(node).flatMap(([name, child]: [string, object]) => {
    const key = parent === "" ? name : `${parent}.${name}`;
    return "env" in child ? [{ ...(child as Omit<Setting, "key">), key }] : flatten(child, key);
  });
}
