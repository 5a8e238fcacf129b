import { coveredShare } from "@aivillage/middleware";

import type { GatewayConfig } from "../settings/gateway-config.ts";
import { keylessAdmin } from "./admin-rules.ts";
import { publishedDigestProblems, writableFileProblems } from "./file-rules.ts";
import { derivedKeyProblems, guessableKeyProblems, publishedKeyProblems, shortKeyProblems } from "./key-rules.ts";
import { allLimits, impossiblePerSecond } from "./limit-rules.ts";
import { askedUrls, hostOf, isLoopback, isMetadata, isSelf, isThisMachine } from "./upstream-hosts.ts";

/** One line of the production checklist. */
export interface Rule {
  /** Names the rule in SECURITY.md and in logs. */
  readonly name: string;
  /** What holds when the rule is kept, as the checklist says it. */
  readonly line: string;
  /** What breaks it: which setting, what is wrong, what to do. No secret is in it. */
  readonly problems: (config: GatewayConfig) => string[];
}

/** What Capacitor calls the pages inside an Android app. A browser shows pages of the visitor's machine by it. */
export const appOrigin = "https://localhost";

/** What production refuses to start or reload with, in the order in which it is reported. */
export const productionRules: readonly Rule[] = [
  {
    name: "published-key",
    line: "`API_KEY` and `SECRET_KEY` are no development or documentation key, nor contain one",
    problems: ({ auth }) => publishedKeyProblems(auth),
  },
  { name: "short-key", line: "Both keys have at least 32 characters", problems: ({ auth }) => shortKeyProblems(auth) },
  {
    name: "guessable-key",
    line: "Both keys look random: no words, sequences or repetitions",
    problems: ({ auth }) => guessableKeyProblems(auth),
  },
  {
    name: "derived-secret",
    line: "`SECRET_KEY` and `SECRET_KEY_PREVIOUS` have nothing in common with `API_KEY`",
    problems: ({ auth }) => derivedKeyProblems(auth),
  },
  {
    name: "published-digest",
    line: "No live entry of the keys file is a published key, `SECRET_KEY` or `SECRET_KEY_PREVIOUS`",
    problems: publishedDigestProblems,
  },
  {
    name: "writable-file",
    line: "Only the owner may write or replace the keys file, the JWK Set, secret files and configuration files",
    problems: writableFileProblems,
  },
  { name: "open-cors", line: "`CORS_ORIGINS` lists origins and not `*`", problems: openCors },
  { name: "plain-origin", line: "All origins are `https://`, and none is `localhost` but that of apps", problems: plainOrigins },
  { name: "debug-output", line: "`DEBUG` is off and `LOG_LEVEL` is `INFO` or higher", problems: debugOutput },
  {
    name: "wide-address-list",
    line: "`TRUSTED_PROXIES`, `RATE_LIMIT_ALLOW` and `METRICS_ALLOW` each hold less than half the Internet",
    problems: wideLists,
  },
  { name: "no-rate-limit", line: "Every rate limit can be reached", problems: limitsThatLimitNothing },
  {
    name: "plaintext-redis-password",
    line: "A Redis password is sent by `rediss://` or to this machine only",
    problems: plaintextRedisPassword,
  },
  { name: "keyless-admin", line: "`ADMIN_HOST` is loopback, or a key has the scope `admin`", problems: keylessAdmin },
  { name: "self-upstream", line: "No upstream is the gateway itself, nor is `JWT_JWKS_URL`", problems: selfUpstreams },
  { name: "metadata-upstream", line: "No upstream is a cloud metadata address, nor is `JWT_JWKS_URL`", problems: metadataUpstreams },
];

/** The origins of all routes, and those of a route's own, with the setting that lists them. */
function originLists({ cors, routes }: GatewayConfig): readonly { setting: string; origins: readonly string[]; mayBeOpen: boolean }[] {
  const own = routes.flatMap(({ path, cors: rules, public: isPublic = false }, index) =>
    rules === undefined || rules === false || rules.origins === undefined
      ? []
      : [{ setting: `\`routes\`[${index}] ${path} \`cors.origins\``, origins: rules.origins, mayBeOpen: isPublic }],
  );
  return [{ setting: "CORS_ORIGINS", origins: cors.origins, mayBeOpen: false }, ...own];
}

/** A public route has nothing that a page could not have asked for itself. */
function openCors(config: GatewayConfig): string[] {
  return originLists(config).flatMap(({ setting, origins, mayBeOpen }) =>
    origins.includes("*") && !mayBeOpen ? [`${setting} allows every origin in production: list your own, such as https://app.example`] : [],
  );
}

function plainOrigins(config: GatewayConfig): string[] {
  return originLists(config).flatMap(({ setting, origins }) =>
    origins.flatMap((origin) => {
      const url = URL.parse(origin);
      if (url === null || origin === appOrigin || (url.protocol === "https:" && !isThisMachine(hostOf(url)))) return [];
      const problem = isThisMachine(hostOf(url))
        ? "is a page of the visitor's own machine"
        : "is not encrypted, so anyone on the way can act as it";
      return [`${setting}: ${origin} ${problem} in production: list https:// origins, such as https://app.example`];
    }),
  );
}

function debugOutput({ log }: GatewayConfig): string[] {
  return log.debug || log.level === "DEBUG" ? ["DEBUG output is on in production: unset DEBUG and set LOG_LEVEL to INFO or higher"] : [];
}

function wideLists({ server, rateLimit, metrics }: GatewayConfig): string[] {
  const lists = [
    // Trust in all addresses is refused in every environment.
    [
      "TRUSTED_PROXIES",
      coveredShare(server.trustedProxies) === 1 ? [] : server.trustedProxies,
      "so clients choose their own address",
      "list the addresses of your proxies",
    ],
    ["RATE_LIMIT_ALLOW", rateLimit.allow, "so rate limits hold for few clients or none", "list the addresses of probes and partners"],
    ["METRICS_ALLOW", metrics.allow, "so anyone reads the metrics", "list the addresses of your Prometheus"],
  ] as const;
  return lists.flatMap(([name, entries, effect, remedy]) =>
    coveredShare(entries) >= 0.5 ? [`${name} covers half the Internet or more in production, ${effect}: ${remedy}`] : [],
  );
}

function limitsThatLimitNothing(config: GatewayConfig): string[] {
  return allLimits(config).flatMap(({ setting, perSecond }) =>
    perSecond >= impossiblePerSecond
      ? [`${setting} allows ${perSecond} requests a second in production, which is no limit: lower it to what one client needs`]
      : [],
  );
}

function plaintextRedisPassword({ rateLimit: { redisUrl } }: GatewayConfig): string[] {
  const url = URL.parse(redisUrl);
  if (url === null || url.password === "" || url.protocol === "rediss:" || isLoopback(hostOf(url))) return [];
  return ["REDIS_URL sends its password unencrypted in production: use rediss://, or a Redis on this machine"];
}

function selfUpstreams(config: GatewayConfig): string[] {
  return askedUrls(config).flatMap(({ setting, url }) =>
    isSelf(url, config.server)
      ? [`${setting}: ${url.origin} is this gateway itself in production, so requests would loop: name the service`]
      : [],
  );
}

function metadataUpstreams(config: GatewayConfig): string[] {
  return askedUrls(config).flatMap(({ setting, url }) =>
    isMetadata(url)
      ? [`${setting}: ${url.origin} is a cloud metadata address in production, which gives out credentials: name the service`]
      : [],
  );
}
