/** The settings of a gateway after loading: complete, checked and in their final units. The keys are those of the YAML file. */
export interface GatewayConfig {
  /** Name of the environment; `production` switches the production checks on. */
  environment: string;
  server: {
    /** Address to listen on. */
    host: string;
    /** TCP port, 0 for a free one. */
    port: number;
    /** Addresses, CIDR ranges or the names `loopback`, `linklocal`, `private` of the proxies whose `X-Forwarded-For` is believed. */
    trustedProxies: string[];
    /** Number of processes that serve. */
    workers: number;
  };
  auth: {
    /** The API key that clients send as `Authorization: Bearer`. */
    apiKey: string;
    /** Signs and verifies HS256 tokens. */
    secretKey: string;
    /** YAML file with further keys; empty for none. */
    apiKeysFile: string;
  };
  rateLimit: {
    /** Requests that one client may send in a window. */
    requests: number;
    /** Length of the window in seconds. */
    windowSeconds: number;
    /** Redis or Valkey that gateways share their counts in; empty for counts in memory. */
    redisUrl: string;
  };
  cors: {
    /** Origins whose pages may read answers; `*` for all. */
    origins: string[];
  };
  /** Origins of the services behind; several are replicas of one service. */
  services: {
    twin: string[];
    agentController: string[];
    knowledgeSystem: string[];
  };
  features: {
    metrics: boolean;
    fileUpload: boolean;
    agentProxy: boolean;
  };
  upload: {
    /** Largest file in bytes. */
    maxFileBytes: number;
  };
  timeouts: {
    /** Seconds that a service behind may take to answer. */
    requestSeconds: number;
    /** Seconds after which a health probe that is still running is given up. */
    healthCheckSeconds: number;
  };
  log: {
    level: "DEBUG" | "INFO" | "WARN" | "ERROR";
    /** Logs at level DEBUG whatever `level` says. Refused in production. */
    debug: boolean;
  };
}
