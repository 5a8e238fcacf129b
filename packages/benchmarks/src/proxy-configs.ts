/** Configurations for proxies that only proxy: one worker, no log, connections to the upstream kept open. */

interface Wiring {
  readonly port: number;
  readonly upstream: number;
  readonly folder: string;
}

/** `streaming` turns buffering off, as one must for event streams and wants for large uploads. */
export function nginxConfig({ port, upstream, folder, streaming }: Wiring & { readonly streaming: boolean }): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `  ${name}_temp_path ${folder}/${name};`);
  return `daemon off;
master_process off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 1000000000;
${temporary.join("\n")}
  upstream service {
    server 127.0.0.1:${upstream};
    keepalive 1024;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    client_max_body_size 0;
    location / {
      proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
${streaming ? "      proxy_buffering off;\n      proxy_request_buffering off;\n" : ""}    }
  }
}
`;
}

export function haproxyConfig({ port, upstream }: Wiring): string {
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
  default_backend service
backend service
  server only 127.0.0.1:${upstream}
`;
}
