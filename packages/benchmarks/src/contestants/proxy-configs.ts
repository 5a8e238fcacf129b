/** Configurations of nginx and HAProxy: one worker, no log, connections to the upstream kept open. */
import { apiKey, pageOrigin } from "../traffic.ts";

interface Wiring {
  readonly port: number;
  readonly upstream: number;
  readonly folder: string;
}

interface NginxParts {
  /** Directives outside every block. */
  readonly main?: readonly string[];
  readonly http?: readonly string[];
  readonly server?: readonly string[];
  readonly location?: readonly string[];
}

function nginxWith({ port, upstream, folder }: Wiring, { main = [], http = [], server = [], location = [] }: NginxParts): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`);
  return `daemon off;
master_process off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid ${folder}/nginx.pid;
error_log stderr crit;
${main.join("\n")}
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 1000000000;
  ${[...temporary, ...http].join("\n  ")}
  upstream service {
    server 127.0.0.1:${upstream};
    keepalive 1024;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    client_max_body_size 0;
    client_body_buffer_size 128k;
    ${server.join("\n    ")}
    location / {
      proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      ${location.join("\n      ")}
    }
  }
}
`;
}

/** `streaming` turns buffering off, as one must for event streams and wants for large uploads. */
export function nginxConfig({ streaming, ...wiring }: Wiring & { readonly streaming: boolean }): string {
  return nginxWith(wiring, { location: streaming ? ["proxy_buffering off;", "proxy_request_buffering off;"] : [] });
}

/** Of helmet and CORS, those that the stacks send too. */
const responseHeaders: Readonly<Record<string, string>> = {
  "Content-Security-Policy": "default-src 'self'; base-uri 'self'; object-src 'none'; script-src 'self'; frame-ancestors 'self'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Origin-Agent-Cluster": "?1",
  "Referrer-Policy": "no-referrer",
  "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
  "X-Content-Type-Options": "nosniff",
  "X-DNS-Prefetch-Control": "off",
  "X-Download-Options": "noopen",
  "X-Frame-Options": "SAMEORIGIN",
  "X-Permitted-Cross-Domain-Policies": "none",
  "X-XSS-Protection": "0",
  "Access-Control-Allow-Origin": pageOrigin,
  Vary: "Origin",
};

/** nginx that checks the key, limits requests by address and writes the headers; with `rules` it also inspects requests with ModSecurity. */
export function nginxGuardConfig({ rules, ...wiring }: Wiring & { readonly rules?: string }): string {
  return nginxWith(wiring, {
    main: rules === undefined ? [] : [`load_module ${modSecurity.module};`],
    http: [
      `map $http_authorization $is_allowed { default 0; "Bearer ${apiKey}" 1; }`,
      "limit_req_zone $binary_remote_addr zone=clients:10m rate=1000000r/s;",
    ],
    server: [
      ...Object.entries(responseHeaders).map(([name, value]) => `add_header ${name} "${value}" always;`),
      "limit_req zone=clients burst=1000000 nodelay;",
      "if ($is_allowed = 0) { return 401; }",
      ...(rules === undefined ? [] : ["modsecurity on;", `modsecurity_rules_file ${rules};`]),
    ],
  });
}

/** Where Debian's packages `libnginx-mod-http-modsecurity` and `modsecurity-crs` put their files. */
export const modSecurity = {
  module: "/usr/lib/nginx/modules/ngx_http_modsecurity_module.so",
  rules: "/usr/share/modsecurity-crs/rules/REQUEST-901-INITIALIZATION.conf",
} as const;

/** The Core Rule Set as it is installed, paranoia level 1, on requests; JSON bodies are parsed, as its own recommended file does. */
export function modSecurityRules(folder: string): string {
  return `SecRuleEngine On
SecRequestBodyAccess On
SecResponseBodyAccess Off
SecAuditEngine Off
SecRequestBodyLimit 13107200
SecRequestBodyNoFilesLimit 131072
SecTmpDir ${folder}
SecDataDir ${folder}
SecRule REQUEST_HEADERS:Content-Type "^application/json" "id:1,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
Include /etc/modsecurity/crs/crs-setup.conf
Include /usr/share/modsecurity-crs/rules/*.conf
`;
}

export function haproxyConfig(wiring: Wiring): string {
  return haproxyWith(wiring, []);
}

/** HAProxy that checks the key, limits requests by address and writes the headers. */
export function haproxyGuardConfig(wiring: Wiring): string {
  return haproxyWith(wiring, [
    "stick-table type ip size 100k expire 60s store http_req_rate(60s)",
    "http-request track-sc0 src",
    "http-request deny deny_status 429 if { sc_http_req_rate(0) gt 1000000000 }",
    `http-request deny deny_status 401 unless { req.hdr(authorization) -m str "Bearer ${apiKey}" }`,
    ...Object.entries(responseHeaders).map(([name, value]) => `http-response set-header ${name} "${value}"`),
  ]);
}

function haproxyWith({ port, upstream }: Wiring, rules: readonly string[]): string {
  return `global
  nbthread 1
  maxconn 8000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend clients
  bind 127.0.0.1:${port} backlog 4096
${rules.map((rule) => `  ${rule}\n`).join("")}  default_backend service
backend service
  server only 127.0.0.1:${upstream}
`;
}
