/** Serves the built site on a free port of this machine. */
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";

import { listen, type RunningServer } from "@aivillage/testing";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

export function serveSite(dist: string): Promise<RunningServer> {
  return listen((req, res) => {
    const path = normalize(decodeURIComponent(new URL(req.url ?? "/", "http://localhost").pathname));
    const name = path.endsWith("/") ? `${path}index.html` : path;
    readFile(join(dist, name)).then(
      (content) => res.setHeader("Content-Type", types[extname(name)] ?? "application/octet-stream").end(content),
      () => res.writeHead(404).end(),
    );
  });
}
