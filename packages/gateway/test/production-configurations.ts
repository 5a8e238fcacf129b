import { generateKeyPairSync, hash } from "node:crypto";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

/** Two keys that were made apart and pass. */
export const goodKeys = { API_KEY: "Zq7vX2mK9tRw4bNc8LpYd3HfGs6JaUe1", SECRET_KEY: "t5Wk0PzQx8CrV3nMb6YhJ1LdFg9SaEu2" } as const;

const { API_KEY: key, SECRET_KEY: secret } = goodKeys;
const previous = "kT4vB8nQ1xW6zR3mY9cH5jL2pD7fGsEa";

/** A file that a setting names. */
interface NamedFile {
  readonly text: string;
  readonly mode: number;
  /** The mode of the folder that it lies in; default: 0755. */
  readonly folderMode?: number;
}

/** A configuration in production, and what the gateway says to it. */
export interface ProductionConfiguration {
  readonly name: string;
  /** On top of a configuration that passes without a warning; empty: unset. */
  readonly env?: Readonly<Record<string, string>>;
  /** Settings of the YAML file. */
  readonly yaml?: object;
  /** Files that these variables name. */
  readonly files?: Readonly<Record<string, NamedFile>>;
  /** The beginning of each problem, in order; none: it is accepted. */
  readonly refused?: readonly string[];
  /** It breaks a rule only by settings that a reload keeps as they are. */
  readonly isFixed?: boolean;
  /** The rules that warn. */
  readonly warned?: readonly string[];
}

/** What the rows below are put on top of. */
export const soundEnvironment: Readonly<Record<string, string>> = {
  ENVIRONMENT: "production",
  ...goodKeys,
  CORS_ORIGINS: "https://app.example",
  GATEWAY_HOST: "127.0.0.1",
  GATEWAY_PORT: "23090",
  METRICS_ALLOW: "10.1.2.3",
};

const refusedKey = (name: string, API_KEY: string, problem: string): ProductionConfiguration => ({
  name: `API_KEY: ${name}`,
  env: { API_KEY },
  refused: [`API_KEY ${problem}`],
});
const derivedSecret = (name: string, SECRET_KEY: string): ProductionConfiguration => ({
  name: `SECRET_KEY: ${name}`,
  env: { SECRET_KEY },
  refused: ["SECRET_KEY is derived from API_KEY"],
});
const refusedUpstream = (url: string, problem: string): ProductionConfiguration => ({
  name: `TWIN_URL=${url}`,
  env: { TWIN_URL: url },
  refused: [`TWIN_URL: ${new URL(url).origin} is ${problem}`],
});
const wide = (name: string, list: string): ProductionConfiguration => ({
  name: `${name}=${list}`,
  env: { [name]: list },
  refused: [`${name} covers half the Internet or more`],
});
const everybody = (list: string, what: string): ProductionConfiguration => ({
  name: `TRUSTED_PROXIES=${list}`,
  env: { TRUSTED_PROXIES: list },
  refused: [`TRUSTED_PROXIES: ${what} must be narrower than every address`],
});
const accepted = (name: string, env: Readonly<Record<string, string>>): ProductionConfiguration => ({ name, env });
const keysFile = (sha256: string, mode = 0o600, more = ""): Pick<ProductionConfiguration, "files"> => ({
  files: { API_KEYS_FILE: { text: `keys:\n  - {id: a, sha256: ${sha256}${more}}\n`, mode } },
});

const jwkSet = (mode: number): Pick<ProductionConfiguration, "files"> => ({
  files: { JWT_JWKS_FILE: { text: JSON.stringify({ keys: [generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" })] }), mode } },
});
const folder = (folderMode: number): Pick<ProductionConfiguration, "files"> => ({
  files: { CONFIG_FILE: { text: "log: { level: WARN }\n", mode: 0o600, folderMode } },
});

const digest = "5f".repeat(32);
const published = "contains a key from the public documentation";
const guessable = "is guessable";

const keys: readonly ProductionConfiguration[] = [
  accepted("two random keys", {}),
  accepted("keys of `openssl rand -hex 32`", {
    API_KEY: "8d1f0c5e7b3a94426f0e1d8c7a5b3f92e4c6081d7b9a3e5f2c4d6e8f0a1b3c5d",
    SECRET_KEY: "c3a57e019b4d2f68e0a1c94b7d36f582190e6cb4a8d37f52e1b09c6d4f8a2375",
  }),
  accepted("keys with a label in common before and after them", {
    API_KEY: "aivillage-prod-8d1f0c5e7b3a94426f0e1d8c7a5b3f92e4c6081d7b9a3e5f2c4d6e8f0a1b3c5d-eu-central-one",
    SECRET_KEY: "aivillage-prod-c3a57e019b4d2f68e0a1c94b7d36f582190e6cb4a8d37f52e1b09c6d4f8a2375-eu-central-one",
  }),
  accepted("a random key with a label", { API_KEY: `acme-gateway-production-${key}` }),
  accepted("a key of random digits", { API_KEY: "8305172946610385927416052839471065938214" }),
  accepted("a key of `keys create`", { API_KEY: "aiv_7Hq2ZmX9kLp4.Vb3nQw8RtY6uJs1DfGhKzXc5LpMo7Ei9Ba2Ws4TyUjNr0CvBq1PxEd" }),
  refusedKey("the development key", "dev-gateway-key-12345", "is the public development key"),
  { name: "SECRET_KEY: the development key", env: { SECRET_KEY: "" }, refused: ["SECRET_KEY is the public development key"] },
  refusedKey("the development key with something after it", "dev-gateway-key-12345-productionx", published),
  refusedKey("the development key within another one, in capitals", "k9Qw-DEV_GATEWAY_KEY_12345-3eRt7Yu1Io5Pa8Sd", published),
  refusedKey("the development key backwards", "54321-yek-yawetag-ved-7Yu1Io5Pa8Sd2Fg6", published),
  refusedKey("the example of the documentation", "aiv_k3J9dE7xQ2pL.a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V0MyWQQ", published),
  refusedKey("the example of earlier documentation", "aiv_k3J9dE7xQ2pL.a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2wXyZ0a", published),
  {
    name: "SECRET_KEY: the development key and a letter",
    env: { SECRET_KEY: "dev-secret-key-change-in-productionX" },
    refused: [`SECRET_KEY ${published}`],
  },
  refusedKey("20 random characters", "Zq7vX2mK9tRw4bNc8LpY", "has 20 characters in production, at least 32"),
  refusedKey("one letter", "a".repeat(40), guessable),
  refusedKey("ten letters four times", "abcdefghij".repeat(4), guessable),
  refusedKey("digits in order", "01234567890123456789012345678901", guessable),
  refusedKey("hex digits in order", "fedcba9876543210fedcba9876543210", guessable),
  refusedKey("dates", "2026010120250303199912311987050420260712", guessable),
  refusedKey("numbers in order", "0102030405060708091011121314151617181920", guessable),
  refusedKey("bytes in order", "000102030405060708090a0b0c0d0e0f", guessable),
  refusedKey("the keyboard in order", "qwertyuiopasdfghjklzxcvbnm123456", guessable),
  refusedKey("letters and digits in turn", "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6", guessable),
  refusedKey("a word again and again", "passwordpasswordpassword-admin-1", guessable),
  refusedKey("a word with other signs", "P4ssw0rd-P4ssw0rd-P4ssw0rd-P4ssw0rd", guessable),
  refusedKey("a placeholder", "change-me-change-me-change-me-please", guessable),
  refusedKey("another placeholder", "YOUR_API_KEY_HERE_YOUR_API_KEY_HERE", guessable),
  refusedKey("what it is for", "AcmeCorpGatewayProductionApiKey2026", guessable),
  refusedKey("words with dashes", "my-company-gateway-production-key-2026", guessable),
  refusedKey("a well-known phrase", "correct-horse-battery-staple-correct-horse", guessable),
  refusedKey("a date again and again", "20260101202601012026010120260101", guessable),
  refusedKey("a word in base64", "YWRtaW5hZG1pbmFkbWluYWRtaW5hZG1pbg==", guessable),
  { name: "equal keys", env: { SECRET_KEY: key }, refused: ["API_KEY and SECRET_KEY are the same"] },
  derivedSecret("API_KEY and a digit", `${key}1`),
  derivedSecret("API_KEY with something before it", `s-${key}`),
  derivedSecret("API_KEY in capitals", key.toUpperCase()),
  derivedSecret("API_KEY backwards", Array.from(key).toReversed().join("")),
  derivedSecret("half of API_KEY", `${key.slice(0, 16)}t5Wk0PzQx8CrV3nM`),
  {
    name: "SECRET_KEY: half of a long API_KEY",
    env: {
      API_KEY: "8d1f0c5e7b3a94426f0e1d8c7a5b3f92e4c6081d7b9a3e5f2c4d6e8f0a1b3c5d",
      SECRET_KEY: "8d1f0c5e7b3a94426f0e1d8c7a5b3f92190e6cb4a8d37f52e1b09c6d4f8a2375",
    },
    refused: ["SECRET_KEY is derived from API_KEY"],
  },
  {
    name: "SECRET_KEY: the SHA-256 of what follows the label of API_KEY",
    env: { API_KEY: `aivillage-prod-${key}`, SECRET_KEY: `aivillage-prod-${hash("sha256", key)}` },
    refused: ["SECRET_KEY is derived from API_KEY"],
  },
  derivedSecret("the SHA-256 of API_KEY", hash("sha256", key)),
  derivedSecret("API_KEY in base64", Buffer.from(key).toString("base64")),
  { name: "SECRET_KEY_PREVIOUS: API_KEY", env: { SECRET_KEY_PREVIOUS: key }, refused: ["API_KEY and SECRET_KEY_PREVIOUS are the same"] },
  {
    name: "SECRET_KEY_PREVIOUS: the SHA-256 of API_KEY",
    env: { SECRET_KEY_PREVIOUS: hash("sha256", key) },
    refused: ["SECRET_KEY_PREVIOUS is derived from API_KEY"],
  },
];

const origins: readonly ProductionConfiguration[] = [
  accepted("several https origins", { CORS_ORIGINS: "https://app.example,https://admin.example:8443" }),
  { name: "CORS_ORIGINS by default", env: { CORS_ORIGINS: "" }, refused: ["CORS_ORIGINS allows every origin"] },
  { name: "CORS_ORIGINS with * among others", env: { CORS_ORIGINS: "https://a.example,*" }, refused: ["CORS_ORIGINS allows every origin"] },
  {
    name: "a plain-http origin",
    env: { CORS_ORIGINS: "http://app.example" },
    refused: ["CORS_ORIGINS: http://app.example is not encrypted"],
  },
  {
    name: "localhost over http",
    env: { CORS_ORIGINS: "http://localhost:3000" },
    refused: ["CORS_ORIGINS: http://localhost:3000 is a page of"],
  },
  { name: "an audit log without a key", env: { AUDIT_FILE: join(tmpdir(), "audit.log") }, warned: ["unkeyed-audit"] },
  { name: "the origin of an app", env: { CORS_ORIGINS: "https://app.example,https://localhost" }, warned: ["app-origin"] },
  {
    name: "localhost over https, on a port",
    env: { CORS_ORIGINS: "https://localhost:3000" },
    refused: ["CORS_ORIGINS: https://localhost:3000 is a page of"],
  },
  { name: "127.0.0.1 as an origin", env: { CORS_ORIGINS: "https://127.0.0.1:8443" }, refused: ["CORS_ORIGINS: https://127.0.0.1:8443 is"] },
  { name: "null as an origin", env: { CORS_ORIGINS: "null" }, refused: ["CORS_ORIGINS must be"] },
  { name: "a pattern as an origin", env: { CORS_ORIGINS: "https://*.example" }, refused: ["CORS_ORIGINS must be"] },
];

const lists: readonly ProductionConfiguration[] = [
  accepted("private ranges", {
    TRUSTED_PROXIES: "private,loopback,10.0.0.0/8",
    RATE_LIMIT_ALLOW: "192.0.2.0/24",
    METRICS_ALLOW: "fd00::/8,10.0.0.0/8",
  }),
  accepted("a quarter of IPv4 twice", { RATE_LIMIT_ALLOW: "0.0.0.0/2,0.0.0.0/3,1.2.3.4/2" }),
  { name: "TRUSTED_PROXIES of every address", env: { TRUSTED_PROXIES: "0.0.0.0/0" }, refused: ["TRUSTED_PROXIES: "] },
  everybody("0.0.0.0/1,128.0.0.0/1", "option `trustedProxies`"),
  everybody("::/1,8000::/1", "each entry"),
  wide("TRUSTED_PROXIES", "1.2.3.4/1"),
  wide("TRUSTED_PROXIES", "0.0.0.0/2,64.0.0.0/3,96.0.0.0/3"),
  wide("TRUSTED_PROXIES", "8000::/1"),
  wide("TRUSTED_PROXIES", "2000::/4"),
  wide("RATE_LIMIT_ALLOW", "0.0.0.0/0,::/0"),
  wide("RATE_LIMIT_ALLOW", "::/64"),
  {
    name: "RATE_LIMIT_ALLOW of every IPv4-mapped address",
    env: { RATE_LIMIT_ALLOW: "::ffff:0:0/96" },
    refused: ["RATE_LIMIT_ALLOW: each entry must be an IPv4 address or range without the `::ffff:`"],
  },
  wide("METRICS_ALLOW", "0.0.0.0/0"),
  wide("METRICS_ALLOW", "2000::/5,2800::/5"),
  {
    name: "a range that is none, among others,",
    env: {
      TRUSTED_PROXIES: "10.0.0.0/abc",
      METRICS_ALLOW: "10.0.0.0/8.5",
      RATE_LIMIT_ALLOW: "10.0.0.0/33,fe80::1%eth0/200",
      CORS_ORIGINS: "",
    },
    refused: ["TRUSTED_PROXIES: ", "RATE_LIMIT_ALLOW: ", "METRICS_ALLOW: ", "CORS_ORIGINS allows every origin"],
  },
  { name: "no METRICS_ALLOW", env: { METRICS_ALLOW: "" }, warned: ["closed-metrics"] },
  accepted("no METRICS_ALLOW and no metrics", { METRICS_ALLOW: "", ENABLE_METRICS: "false" }),
];

const upstreams: readonly ProductionConfiguration[] = [
  accepted("services by name", {
    TWIN_URL: "http://twin:8001",
    KNOWLEDGE_SYSTEM_URL: "https://kb.example/base",
    AGENT_CONTROLLER_URL: "http://a.svc.cluster.local",
  }),
  accepted("another port of this machine", { TWIN_URL: "http://127.0.0.1:23091" }),
  accepted("the same port of another loopback address", { TWIN_URL: "http://127.0.0.2:23090" }),
  refusedUpstream("http://127.0.0.1:23090", "this gateway itself"),
  refusedUpstream("http://localhost:23090", "this gateway itself"),
  refusedUpstream("http://0.0.0.0:23090", "this gateway itself"),
  refusedUpstream("http://[::ffff:127.0.0.1]:23090", "this gateway itself"),
  {
    name: "the gateway by any of its loopback addresses",
    env: { GATEWAY_HOST: "0.0.0.0", TWIN_URL: "http://127.9.9.9:23090" },
    refused: ["TWIN_URL: http://127.9.9.9:23090 is this gateway itself"],
    isFixed: true,
  },
  refusedUpstream("http://169.254.169.254", "a cloud metadata address"),
  refusedUpstream("http://0xa9fea9fe/latest", "a cloud metadata address"),
  refusedUpstream("http://[::ffff:169.254.169.254]", "a cloud metadata address"),
  refusedUpstream("http://[fd00:ec2::254]", "a cloud metadata address"),
  refusedUpstream("http://METADATA.google.internal.", "a cloud metadata address"),
  refusedUpstream("http://100.100.100.200", "a cloud metadata address"),
  refusedUpstream("http://169.254.170.2", "a cloud metadata address"),
  refusedUpstream("http://metadata/computeMetadata", "a cloud metadata address"),
  accepted("a service that is called metadata", { TWIN_URL: "http://metadata:8003", KNOWLEDGE_SYSTEM_URL: "http://metadata.prod.svc" }),
  accepted("the name of this machine, where the gateway listens on loopback only", { TWIN_URL: `http://${hostname()}:23090` }),
  {
    name: "the gateway by the name of this machine",
    env: { GATEWAY_HOST: "0.0.0.0", TWIN_URL: `http://${hostname()}:23090` },
    refused: ["TWIN_URL: http://"],
    isFixed: true,
  },
  refusedUpstream("http://169.254.169.254.nip.io", "a cloud metadata address"),
  {
    name: "JWT_JWKS_URL of the metadata address",
    env: { JWT_JWKS_URL: "https://169.254.169.254/keys?token=c4n4ry" },
    refused: ["JWT_JWKS_URL: https://169.254.169.254 is a cloud metadata address"],
  },
  {
    name: "JWT_JWKS_URL of the gateway",
    env: { JWT_JWKS_URL: "http://127.0.0.1:23090/keys" },
    refused: ["JWT_JWKS_URL: http://127.0.0.1:23090 is this gateway itself"],
  },
  {
    name: "a route to the metadata address",
    yaml: { routes: [{ path: "/m", upstream: ["http://2852039166"] }] },
    refused: ["`routes`[0] /m `upstream`: http://169.254.169.254 is a cloud metadata address"],
  },
  { name: "a service on the Internet without TLS", env: { TWIN_URL: "http://twin.example.com" }, warned: ["plain-upstream"] },
  { name: "a service with credentials", env: { TWIN_URL: "http://u:p@twin" }, refused: ["TWIN_URL must be"] },
  {
    name: "a public route that passes any body",
    yaml: { routes: [{ path: "/hook", methods: ["POST"], public: true, body: "stream", upstream: ["http://hook:1"] }] },
    warned: ["public-stream"],
  },
  {
    name: "a route with the former name of a key",
    yaml: { routes: [{ path: "/own/{id}", upstream: ["http://own:1"], upstreamPath: "/files/{id}" }] },
    warned: ["former-name"],
  },
  {
    name: "a route that budgets do not meter",
    yaml: {
      budgets: { limits: [{ name: "daily", unit: "tokens", limit: 1_000, period: "day" }] },
      routes: [{ path: "/models", methods: ["POST"], body: "stream", upstream: ["http://models:1"] }],
    },
    warned: ["unmetered-route"],
  },
];

const others: readonly ProductionConfiguration[] = [
  { name: "DEBUG", env: { DEBUG: "true" }, refused: ["DEBUG output is on"], isFixed: true },
  { name: "LOG_LEVEL=debug", env: { LOG_LEVEL: "debug" }, refused: ["DEBUG output is on"], isFixed: true },
  {
    name: "10^9 requests a second",
    env: { RATE_LIMIT_REQUESTS: "1000000000", RATE_LIMIT_WINDOW: "1" },
    refused: ["RATE_LIMIT_REQUESTS allows 1000000000"],
  },
  { name: "10^9 requests a minute", env: { RATE_LIMIT_REQUESTS: "1000000000" }, warned: ["high-rate-limit"] },
  {
    name: "a tier without a limit",
    yaml: { rateLimit: { tiers: [{ name: "free", requests: 1_000_000_000, windowSeconds: 1 }] } },
    refused: ["`rateLimit.tiers` free allows"],
  },
  accepted("Redis on this machine with a password", { REDIS_URL: "redis://:redis-password@127.0.0.1:6379" }),
  accepted("Redis over TLS", { REDIS_URL: "rediss://:redis-password@redis.example" }),
  {
    name: "a Redis password in plain text",
    env: { REDIS_URL: "redis://:redis-password@redis.example" },
    refused: ["REDIS_URL sends its password unencrypted"],
    isFixed: true,
  },
  accepted("an admin listener on loopback", { ADMIN_PORT: "9000", METRICS_ALLOW: "" }),
  accepted("an admin listener on a Unix socket", { ADMIN_SOCKET: "/run/aivillage/admin.sock" }),
  {
    name: "an admin listener on all addresses without a key for it",
    env: { ADMIN_PORT: "9000", ADMIN_HOST: "0.0.0.0" },
    refused: ["ADMIN_HOST 0.0.0.0 can be reached from other machines"],
    isFixed: true,
  },
  {
    name: "an admin listener on a port and on a Unix socket",
    env: { ADMIN_PORT: "9000", ADMIN_SOCKET: "/run/aivillage/admin.sock" },
    refused: ["ADMIN_PORT and ADMIN_SOCKET are both set"],
    isFixed: true,
  },
  { name: "Redis without a password", env: { REDIS_URL: "redis://redis.example:6379" }, warned: ["plain-redis"] },
  ...["prod", "live", "eu-prod", "Produktion", "main", "release", "my-company"].map((name): ProductionConfiguration => ({
    name: `ENVIRONMENT=${name} with the public keys`,
    env: { ENVIRONMENT: name, API_KEY: "", SECRET_KEY: "" },
    refused: ["API_KEY is the public development key", "SECRET_KEY is the public development key"],
  })),
  { name: "ENVIRONMENT=eu-prod", env: { ENVIRONMENT: "eu-prod" }, warned: ["environment-name"] },
  {
    name: "NODE_ENV alone with the public keys",
    env: { ENVIRONMENT: "", NODE_ENV: "production", API_KEY: "" },
    refused: ["API_KEY is the public development key"],
  },
  accepted("NODE_ENV alone", { ENVIRONMENT: "", NODE_ENV: "production" }),
  {
    name: "everything at once",
    env: { API_KEY: "", CORS_ORIGINS: "*", DEBUG: "1", TWIN_URL: "http://169.254.169.254" },
    refused: ["API_KEY is", "CORS_ORIGINS allows", "DEBUG output", "TWIN_URL: "],
    isFixed: true,
  },
];

const files: readonly ProductionConfiguration[] = [
  {
    name: "an admin listener on all addresses with a key for it",
    env: { ADMIN_PORT: "9000", ADMIN_HOST: "0.0.0.0" },
    ...keysFile(digest, 0o600, ", scopes: [admin]"),
  },
  { name: "a keys file of the owner", ...keysFile(digest) },
  { name: "a keys file that the group may read", ...keysFile(digest, 0o640) },
  { name: "a keys file that everybody may read", ...keysFile(digest, 0o644), warned: ["readable-file"] },
  { name: "a keys file that everybody may write", ...keysFile(digest, 0o666), refused: ["The keys file "] },
  { name: "a keys file that the group may write", ...keysFile(digest, 0o660), refused: ["The keys file "] },
  { name: "the digest of the development key", ...keysFile(hash("sha256", "dev-gateway-key-12345")), refused: ["keys[0] in "] },
  { name: "the digest of `test`, in capitals", ...keysFile(hash("sha256", "test").toUpperCase()), refused: ["keys[0] in "] },
  { name: "the digest of the development key, revoked", ...keysFile(hash("sha256", "dev-gateway-key-12345"), 0o600, ", revoked: true") },
  { name: "the digest of SECRET_KEY", ...keysFile(hash("sha256", secret)), refused: ["keys[0] in "] },
  {
    name: "the digest of SECRET_KEY_PREVIOUS",
    env: { SECRET_KEY_PREVIOUS: previous },
    ...keysFile(hash("sha256", previous)),
    refused: ["keys[0] in "],
  },
  { name: "a secret file of the owner", env: { API_KEY: "" }, files: { API_KEY_FILE: { text: `${key}\n`, mode: 0o400 } } },
  {
    name: "a secret file that everybody may read",
    env: { API_KEY: "" },
    files: { API_KEY_FILE: { text: key, mode: 0o444 } },
    warned: ["readable-file"],
  },
  {
    name: "a secret file that everybody may read, in a folder of the owner",
    env: { API_KEY: "" },
    files: { API_KEY_FILE: { text: key, mode: 0o444, folderMode: 0o700 } },
  },
  {
    name: "a secret file that others may write",
    env: { API_KEY: "" },
    files: { API_KEY_FILE: { text: key, mode: 0o666 } },
    refused: ["The file of API_KEY_FILE "],
  },
  {
    name: "a secret file of two lines",
    env: { API_KEY: "" },
    files: { API_KEY_FILE: { text: `${key}\nx\n`, mode: 0o600 } },
    refused: ["API_KEY must be"],
  },
  {
    name: "a configuration file that others may write",
    files: { CONFIG_FILE: { text: "log: { level: WARN }\n", mode: 0o666 } },
    refused: ["The configuration file "],
  },
  { name: "a configuration file in a folder that others may write", ...folder(0o777), refused: ["The configuration file "] },
  { name: "a configuration file in a folder that everybody may write, each his own", ...folder(0o1777) },
  { name: "a JWK Set of the owner", ...jwkSet(0o644) },
  { name: "no SECRET_KEY beside a JWK Set", env: { SECRET_KEY: "" }, ...jwkSet(0o644) },
  { name: "the previous secret alone beside a JWK Set", env: { SECRET_KEY: "", SECRET_KEY_PREVIOUS: previous }, ...jwkSet(0o644) },
  { name: "the previous secret alone", env: { SECRET_KEY: "", SECRET_KEY_PREVIOUS: previous }, refused: ["SECRET_KEY is the public"] },
  { name: "a JWK Set that others may write", ...jwkSet(0o666), refused: ["The file of JWT_JWKS_FILE "] },
  { name: "a configuration file that everybody may read", files: { CONFIG_FILE: { text: "log: { level: WARN }\n", mode: 0o644 } } },
  {
    name: "keys in a configuration file that everybody may read",
    env: { API_KEY: "" },
    files: { CONFIG_FILE: { text: `auth: { apiKey: ${key} }\n`, mode: 0o644 } },
    warned: ["readable-file"],
  },
];

export const productionConfigurations = [...keys, ...origins, ...lists, ...upstreams, ...others, ...files];
