import { writeFileSync } from "node:fs";

import { aiCallEnded, type AiCallEnded } from "@aivillage/ai-call";
import { loadConfig, startGateway } from "@aivillage/gateway";
import { temporaryFile, type TemporaryFile } from "@aivillage/testing";
import { type FakeProvider, startFakeProvider } from "@aivillage/testing/fake-provider";
import { stringify } from "yaml";

import type { Endpoint } from "./sdk-calls.ts";

/** A provider, and a gateway in front of it. */
export interface Served extends AsyncDisposable {
  readonly provider: FakeProvider;
  readonly direct: Endpoint;
  readonly gateway: Endpoint;
  /** The calls that the gateway has metered. */
  readonly ended: readonly AiCallEnded[];
  /** Lines of the gateway's log. */
  readonly log: readonly object[];
}

const keys = { provider: "sk-provider-0123456789", gateway: "gateway-key-0123456789" } as const;

const dialects = {
  "/v1/chat/completions": "openai-chat",
  "/v1/responses": "openai-responses",
  "/v1/embeddings": "openai-embeddings",
  "/v1/messages": "anthropic-messages",
} as const;

/** Starts both. All that SDKs send is checked by the schema of its dialect. */
export async function serve(env: Record<string, string> = {}): Promise<Served> {
  const provider = await startFakeProvider({ key: keys.provider });
  const keyFile = fileOf(keys.provider);
  const routes = Object.entries(dialects).map(([path, dialect]) => ({
    path,
    upstream: [provider.url],
    ai: { dialect, models: ["*-*", "echo"] },
    body: dialect,
    upstreamKeyFile: keyFile.path,
  }));
  const configuration = fileOf(stringify({ routes }));
  const log: object[] = [];
  const write = (line: object): void => void log.push(line);
  const started = await startGateway(
    loadConfig({
      env: {
        CONFIG_FILE: configuration.path,
        GATEWAY_HOST: "127.0.0.1",
        GATEWAY_PORT: "0",
        API_KEY: keys.gateway,
        API_KEY_CARRIERS: "authorization,x-api-key,api-key",
        RATE_LIMIT_REQUESTS: "100000",
        HEALTH_CHECK_INTERVAL: "0",
        ...env,
      },
    }),
    { logger: { debug: write, info: write, warn: write, error: write } },
  );
  const ended: AiCallEnded[] = [];
  const unsubscribe = aiCallEnded.subscribe((message) => void ended.push(message));
  return {
    provider,
    direct: { baseURL: provider.url, apiKey: keys.provider },
    gateway: { baseURL: started.url, apiKey: keys.gateway },
    ended,
    log,
    async [Symbol.asyncDispose]() {
      unsubscribe();
      await started.close();
      await provider[Symbol.asyncDispose]();
      for (const file of [keyFile, configuration]) file[Symbol.dispose]();
    },
  };
}

function fileOf(text: string): TemporaryFile {
  const file = temporaryFile("file");
  writeFileSync(file.path, text, { mode: 0o600 });
  return file;
}
