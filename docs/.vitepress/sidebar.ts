/** The table of contents: every page of the site has its place here, and the check of the site holds it to that. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import type { DefaultTheme } from "vitepress";

type Item = DefaultTheme.SidebarItem;

const root = join(import.meta.dirname, "../..");
const page = (text: string, link: string): Item => ({ text, link });

/** A package with its README, its page in depth if it has one, and its API. */
function packageItem(name: string, further: readonly Item[] = []): Item {
  const depth = existsSync(join(root, `docs/packages/${name}.md`)) ? [page("In depth", `/packages/${name}/in-depth`)] : [];
  return {
    text: name,
    link: `/packages/${name}/`,
    collapsed: true,
    items: [...depth, page("API", `/packages/${name}/api`), ...further],
  };
}

const packages = {
  protect: ["security-headers", "rate-limit", "admission", "api-key-auth", "input-sanitizer", "screening", "file-upload"],
  forward: ["downstream-proxy", "ai-call", "token-budget"],
  observe: ["console", "metrics", "access-log", "tracing", "health-cascade"],
  build: ["middleware", "problem-details", "router", "request-id", "client-ip", "http-server", "gateway"],
};
const further: Readonly<Record<string, readonly Item[]>> = {
  "api-key-auth": [page("API of keys-file", "/packages/api-key-auth/api-keys-file")],
  screening: ["evidence", "judgement", "rules"].map((name) => page(`How it works: ${name}`, `/packages/screening/${name}`)),
};
const packageItems = Object.values(packages).flatMap((names) => names.map((name) => packageItem(name, further[name])));

export const sidebar: Item[] = [
  {
    text: "Start",
    items: [
      page("Home", "/"),
      page("Your first service", "/start/first-service"),
      page("Quickstart: Express", "/start/express"),
      page("Quickstart: node:http", "/start/node-http"),
      page("Quickstart: the gateway", "/start/gateway"),
      page("Comparison", "/comparison"),
      page("Questions", "/faq"),
    ],
  },
  {
    text: "Guides",
    items: [
      page("All guides", "/guides/"),
      page("Limits by plan", "/guides/limits-by-plan"),
      page("Keys for customers", "/guides/keys-for-customers"),
      page("Browser app with CORS", "/guides/browser-app"),
      page("Language models", "/guides/ai-routes"),
      page("OpenAI-compatible server", "/guides/openai-compatible-server"),
      page("FastAPI application", "/guides/fastapi-application"),
      page("Web application", "/guides/web-application"),
      page("WebSocket service", "/guides/websocket-service"),
      page("Uploads with a scanner", "/guides/uploads-with-a-scanner"),
      page("mTLS to a backend", "/guides/mtls-to-a-backend"),
      page("Canary", "/guides/canary"),
      page("Behind a proxy", "/guides/behind-a-proxy"),
      page("Kubernetes", "/guides/kubernetes"),
      page("From the Python gateway", "/from-the-python-gateway"),
      page("From Express middlewares", "/from-express-middlewares"),
    ],
  },
  { text: "Packages", items: [page("All packages", "/packages/"), ...packageItems] },
  {
    text: "Gateway",
    items: [
      page("Settings", "/configuration"),
      page("Endpoints, headers, errors", "/http-api"),
      page("Services", "/services"),
      page("Keys", "/keys"),
      page("Screening", "/screening"),
      page("Headers by trust", "/headers"),
      page("Metrics", "/metrics"),
      page("Events", "/events"),
      page("Errors", "/problems/"),
    ],
  },
  {
    text: "Operation",
    items: [
      page("Operation", "/operations"),
      page("Troubleshooting", "/troubleshooting"),
      page("Deployment kit", "/examples/deploy"),
      page("Alerts and dashboard", "/examples/observability"),
      page("Security", "/security"),
      page("Performance", "/performance"),
    ],
  },
  {
    text: "Project",
    items: [
      page("Architecture", "/architecture"),
      page("The request path", "/request-path"),
      page("The contract of a package", "/contract"),
      page("Compatibility", "/compatibility"),
      page("Module systems", "/module-systems"),
      page("Decisions", "/decisions/"),
      page("Releasing", "/releasing"),
      page("Contributing", "/contributing"),
    ],
  },
];
