import type { IncomingHttpHeaders, ServerResponse } from "node:http";

import { loadConfig, type StartedGateway, startGateway } from "@aivillage/gateway";
import { listen } from "@aivillage/testing";

export const apiKey = "a-key-for-the-tests-of-this-kit";
export const maxFileBytes = 1_048_576;

/** A gateway before one service, and what it logged. */
export interface Behind extends StartedGateway {
  readonly lines: Record<string, unknown>[];
  /** The service's responses to chats, which the test goes on with. */
  readonly chats: ServerResponse[];
  /** Bodies of uploads as they came. */
  readonly uploads: number[];
  /** Headers of the last request that the service got. */
  readonly received: () => IncomingHttpHeaders;
}

export async function startBehind(stack: AsyncDisposableStack): Promise<Behind> {
  const [lines, chats, uploads]: [Behind["lines"], ServerResponse[], number[]] = [[], [], []];
  let last: IncomingHttpHeaders = {};
  const service = await listen((req, res) => {
    last = req.headers;
    if (req.url === "/v1/chat") return void chats.push(res.writeHead(200, { "Content-Type": "text/event-stream" }));
    let bytes = 0;
    req.on("data", (chunk: Buffer) => (bytes += chunk.length));
    req.on("end", () => {
      if (req.url === "/v1/upload") uploads.push(bytes);
      res.setHeader("Content-Type", "application/json").end("{}");
    });
  });
  stack.use(service);
  const keep = (fields: object, message: string): void => void lines.push({ ...fields, message });
  const config = loadConfig({
    env: {
      GATEWAY_HOST: "127.0.0.1",
      GATEWAY_PORT: "0",
      TRUSTED_PROXIES: "127.0.0.1",
      METRICS_ALLOW: "127.0.0.1",
      API_KEY: apiKey,
      RATE_LIMIT_REQUESTS: "30",
      MAX_FILE_SIZE: String(maxFileBytes),
      ENABLE_AGENT_PROXY: "false",
      TWIN_URL: service.url,
      KNOWLEDGE_SYSTEM_URL: service.url,
    },
  });
  const started = await startGateway(config, { logger: { debug: keep, info: keep, warn: keep, error: keep }, drainMs: 100 });
  stack.defer(() => started.close());
  return { ...started, lines, chats, uploads, received: () => last };
}
