import type { AdminConfig } from "./admin-config.ts";
import type { ServiceUrls } from "./built-in-services.ts";
import type { ServiceHealthConfig } from "./health-config.ts";
import type { UpstreamConcurrency } from "./route-concurrency.ts";
import type { RouteConfig } from "./route-config.ts";
import type { RouteCors } from "./route-cors.ts";
import type { ScreeningConfig } from "./screening-config.ts";
import type { ServiceTarget } from "./target-config.ts";
import type { LimitBy, TierConfig } from "./tier-config.ts";
import type { AuditSettings, BudgetSettings, PriceSettings } from "./usage-settings.ts";

/** The settings of a gateway after loading: complete, checked and in their final units. The keys are those of the YAML file. */
export interface GatewayConfig {
  /** Name of the environment in lower case; `production` and what looks like it switches the production checks on. */
  environment: string;
  server: {
    /** Address to listen on. */
    host: string;
    /** TCP port, 0 for a free one. */
    port: number;
    /** Addresses, CIDR ranges or the names `loopback`, `linklocal`, `private` of the proxies whose `X-Forwarded-For` is believed. */
    trustedProxies: string[];
    /** Whose `X-Request-Id` and `traceparent` are kept: those of all callers, of trusted proxies, or of none. */
    trustRequestIds: "everyone" | "proxies" | "nobody";
    /** Number of processes that serve. */
    workers: number;
    /** Connections that one process holds at once. */
    maxConnections: number;
    /** Connections that one process holds of one client address; 0 for half of `maxConnections`. Trusted proxies have no such limit. */
    maxConnectionsPerAddress: number;
    /** Requests and streams that one client may have in progress at one service; 0 for no limit. */
    maxConcurrentPerClient: number;
    /** Seconds between the 503 of `/readyz` and the end of taking connections. */
    drainDelaySeconds: number;
    /** Seconds that requests under way may go on while the gateway stops. */
    drainSeconds: number;
  };
  admin: AdminConfig;
  auth: {
    /** The API key that clients send as `Authorization: Bearer`. */
    apiKey: string;
    /** Signs and verifies HS256 tokens. */
    secretKey: string;
    /** Verifies HS256 tokens too, while `secretKey` is being replaced; empty for none. */
    secretKeyPrevious: string;
    /** Which tokens are accepted. */
    jwt: {
      /** Issuers that a token may name in `iss`; empty: `iss` is ignored. */
      issuer: string[];
      /** Audiences of which a token has to name one in `aud`; empty: tokens with `aud` are refused. */
      audience: string[];
      /** Longest time from `iat` to `exp` in seconds; 0 for none. */
      maxLifetimeSeconds: number;
      /** Seconds that the clocks of issuer and gateway may differ. */
      clockToleranceSeconds: number;
      /** URL of the issuer's public keys, for RS256, ES256 and EdDSA tokens; empty for none. */
      jwksUrl: string;
      /** File with them, instead of a URL; empty for none. */
      jwksFile: string;
    };
    /** Headers that may hold the key or token: `authorization`, `x-api-key`, `api-key` and the like. */
    carriers: string[];
    /** YAML file with further keys; empty for none. */
    apiKeysFile: string;
  };
  rateLimit: {
    /** Requests that one client may send in a window. */
    requests: number;
    /** Length of the window in seconds. */
    windowSeconds: number;
    /** Which requests share a limit. */
    limitBy: LimitBy;
    /** Redis or Valkey that gateways share their counts in; empty for counts in memory. */
    redisUrl: string;
    /** Most clients whose requests are counted at once, for each limit, in the memory of a process. */
    maxKeys: number;
    /** Clients without a limit: addresses and CIDR ranges. */
    allow: string[];
    /** Limits of tiers, instead of the general one. */
    tiers: TierConfig[];
    /** What happens to suspicious clients. */
    penalty: {
      /** Length of the first penalty in seconds. */
      seconds: number;
      /** Length of the longest penalty in seconds. */
      maxSeconds: number;
    };
  };
  /** How many requests are in progress at once. */
  concurrency: {
    /** Requests that one key may have in progress on all routes together; 0 for no limit. */
    perKey: number;
    /** Requests of one route that may wait. */
    queueSize: number;
    /** Seconds that a request may wait. */
    queueSeconds: number;
    /** Backends that several routes share. */
    upstreams: UpstreamConcurrency[];
  };
  /** How much clients may use on AI routes. */
  budgets: BudgetSettings;
  /** Where calls of AI routes are recorded. */
  audit: AuditSettings;
  /** What calls cost. */
  prices: PriceSettings;
  /** How the text of requests is screened for attacks. */
  screening: ScreeningConfig;
  cors: Required<RouteCors>;
  /** How large bodies may be, unless a route says otherwise. */
  input: {
    /** Largest JSON body in bytes. */
    maxBodyBytes: number;
    /** Bytes of the JSON bodies of all requests in progress together, and one client half of what the others leave; 0 for no limit. */
    maxBodyMemory: number;
    /** Largest body of a route with `body: stream` in bytes; 0 for no limit. */
    maxStreamedBytes: number;
    /** Longest string in a JSON body. */
    maxStringLength: number;
    /** Deepest nesting of a JSON body. */
    maxDepth: number;
  };
  /** Headers that pass between clients and services although they do not by default: names, or beginnings such as `X-Tenant-*`. */
  headers: {
    /** Request headers, from every client. */
    forward: string[];
    /** Request headers, from trusted proxies. */
    forwardTrusted: string[];
    /** Response headers. */
    passResponse: string[];
  };
  /** Origins of the upstream services; several are replicas of one service. */
  services: ServiceUrls;
  features: {
    metrics: boolean;
    fileUpload: boolean;
    agentProxy: boolean;
    /** Redirect the paths of the Python gateway with 308. */
    legacyPaths: boolean;
  };
  breaker: {
    /** Statuses of a service that count as its failures. */
    failureStatuses: number[];
  };
  upload: {
    /** Largest file in bytes. */
    maxFileBytes: number;
  };
  timeouts: {
    /** Seconds that a service may take for its whole response, unless it is a stream. */
    requestSeconds: number;
    /** Seconds that a streamed response may last; 0 for no limit. */
    maxStreamSeconds: number;
    /** Seconds that a health probe may take: a service that takes longer is unhealthy. */
    healthCheckSeconds: number;
  };
  health: {
    /** Seconds between two probes of a service; 0 to probe only when `/healthz` is asked. */
    intervalSeconds: number;
    /** How built-in services are probed, where the defaults do not fit. */
    services: ServiceHealthConfig[];
  };
  log: {
    level: "DEBUG" | "INFO" | "WARN" | "ERROR";
    /** Logs at level DEBUG whatever `level` says. Refused in production. */
    debug: boolean;
    /** Whether probes and scrapes have access lines. */
    probes: boolean;
    /** Access lines of one route, status and outcome that are written in full each second. */
    linesPerSecond: number;
  };
  metrics: {
    /** Clients that may read `/metrics`: addresses and CIDR ranges; empty for everybody. */
    allow: string[];
  };
  /** Name of this gateway in `Via`; empty for a random one. */
  via: string;
  /** How the gateway talks to the built-in services. */
  targets: ServiceTarget[];
  /** Routes of the operator, and policies of the built-in ones. */
  routes: RouteConfig[];
}
