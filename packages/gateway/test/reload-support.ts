import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

import { loadConfig, startGateway } from "../src/index.ts";
import { goodKeys } from "./production-configurations.ts";
import type { LogLine } from "./start-test-gateway.ts";

export const folder = mkdtempSync(join(tmpdir(), "aivillage-reload-production-"));
after(() => rmSync(folder, { recursive: true }));

export const [reloaded, failed] = ["configuration reloaded", "configuration reload failed; keeping the previous one"];
export const good = `environment: production
server: { host: 127.0.0.1, port: 0, trustedProxies: [127.0.0.1] }
auth:
  apiKey: ${goodKeys.API_KEY}
  secretKey: ${goodKeys.SECRET_KEY}
cors: { origins: ["https://app.example"] }
metrics: { allow: [10.9.9.9] }
rateLimit: { requests: 500 }
`;

/** A gateway in production by its file, which is written in place, as an editor or \`cat >\` does. */
export async function startByFile(text = good, env: Record<string, string> = {}, file = join(folder, `${performance.now()}.yaml`)) {
  writeFileSync(file, text);
  const sources = { file, env };
  const log: LogLine[] = [];
  const line = (level: string) => (fields: object, message: string) => void log.push({ level, message, ...fields });
  const logger = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
  const started = await startGateway(loadConfig(sources), { logger, sources, drainMs: 200 });
  let clients = 0;
  const told = (message: string): number => log.filter((each) => each.message === message).length;
  const status = async (path: string, init?: RequestInit): Promise<Response> => {
    const response = await fetch(started.url + path, init);
    await response.arrayBuffer();
    return response;
  };
  return {
    file,
    url: started.url,
    log,
    told,
    write: (content: string) => writeFileSync(file, content),
    problems: () => log.flatMap((each) => (each.message === failed ? (each["problems"] as string[]) : [])),
    limit: async () => (await status("/")).headers.get("x-ratelimit-limit"),
    /** What the public key, the own key, a foreign origin and anyone at /metrics get. */
    async guards() {
      const chat = { method: "POST", body: "{}" };
      // Each time another client, since too many wrong keys shut one out.
      const client = `192.0.2.${(clients += 1)}`;
      const headers = { "content-type": "application/json", origin: "https://evil.example", "x-forwarded-for": client };
      const by = (key: string) => status("/v1/chat", { ...chat, headers: { ...headers, authorization: `Bearer ${key}` } });
      const [open, own, metrics] = [await by("dev-gateway-key-12345"), await by(goodKeys.API_KEY), await status("/metrics")];
      return [open.status, own.status, open.headers.get("access-control-allow-origin"), metrics.status];
    },
    [Symbol.asyncDispose]: () => started.close(),
  };
}
