import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { childEnv, endProcess, hasProgram } from "@aivillage/testing";

const browser = "chromium";
const certifier = "openssl";
const missing = [browser, certifier].filter((program) => !hasProgram(program));

/** Options of tests that need a real browser. */
export const needsBrowser = {
  skip: missing.length === 0 ? false : `${missing.join(" and ")} not installed: nothing was read by a browser`,
};

/** Something that a page could read of a gateway. */
export interface Reading {
  /** The means, such as `fetch include`. */
  how: string;
  method: string;
  path: string;
  what: string;
}

/** What a page is to try. */
export interface Task {
  gateway: string;
  requests: readonly { method: string; path: string; headers?: Record<string, string>; body?: string }[];
  streams: readonly string[];
}

/** Opens a page of each origin in one Chromium, one after the other, and resolves with what each could read. */
export async function readInBrowser(origins: readonly string[], task: Task): Promise<Reading[][]> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "aivillage-browser-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const reports: Reading[][] = [];
  const pages = createServer(certificate(folder), (req, res) => {
    const next = origins[origins.indexOf(`https://${req.headers.host}`) + 1];
    void serve(req, res, { ...task, next }, (report) => reports.push(report) === origins.length && resolve());
  });
  stack.defer(() => void (pages.closeAllConnections(), pages.close()));
  await once(pages.listen(0, "127.0.0.1"), "listening");
  const child = spawn(browser, [...flags(folder, (pages.address() as AddressInfo).port), origins[0] ?? ""], {
    env: childEnv({ HOME: folder }),
    stdio: ["ignore", "ignore", "pipe"],
  });
  stack.defer(() => endProcess(child));
  let said = "";
  child.stderr.on("data", (text) => (said += String(text)));
  child.once("exit", () => reject(new Error(`${browser} has ended: ${said}`)));
  await promise;
  return reports;
}

const quiet = "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-dev-shm-usage --no-first-run";

/** Every `.example` host is the server of the pages. */
function flags(folder: string, port: number): string[] {
  const resolver = `--host-resolver-rules=MAP *.example:443 127.0.0.1:${port}`;
  return [...quiet.split(" "), "--ignore-certificate-errors", resolver, `--user-data-dir=${folder}/profile`];
}

function certificate(folder: string): { key: string; cert: string } {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=pages"];
  execFileSync(certifier, ["req", "-x509", ...kind, "-keyout", key, "-out", cert], { stdio: "pipe" });
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}

const page = readFileSync(new URL("read-everything.html", import.meta.url));

async function serve(req: IncomingMessage, res: ServerResponse, task: object, report: (readings: Reading[]) => void): Promise<void> {
  if (req.url === "/task") return void res.end(JSON.stringify(task));
  if (req.url !== "/report") return void res.writeHead(req.url === "/" ? 200 : 404, { "Content-Type": "text/html" }).end(page);
  let body = "";
  for await (const chunk of req.setEncoding("utf8")) body += String(chunk);
  res.end();
  report(JSON.parse(body) as Reading[]);
}
