import { join } from "node:path";

import type { CaseId } from "./cases.ts";
import type { Contestant, Launch, Surroundings } from "./contestant.ts";
import { folders } from "./folders.ts";
import { proxyContestants } from "./proxy-contestants.ts";
import { apiKey, pageOrigin, secretKey } from "./traffic.ts";

const proxied: readonly CaseId[] = ["post", "post-1k", "post-10k", "post-30k", "paced", "sse", "upload"];

function gateway({ port, services: [twin, agentController, knowledgeSystem], accessLog }: Surroundings): Launch {
  return {
    command: process.execPath,
    args: [folders.gatewayProgram, "start"],
    env: {
      NODE_ENV: "production",
      ENVIRONMENT: "production",
      GATEWAY_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      API_KEY: apiKey,
      SECRET_KEY: secretKey,
      RATE_LIMIT_REQUESTS: "1000000000",
      CORS_ORIGINS: pageOrigin,
      METRICS_ALLOW: "127.0.0.1",
      MAX_CONNECTIONS_PER_ADDRESS: "10000",
      MAX_FILE_SIZE: String(2 ** 31),
      TWIN_URL: twin,
      AGENT_CONTROLLER_URL: agentController,
      KNOWLEDGE_SYSTEM_URL: knowledgeSystem,
      LOG_LEVEL: accessLog ? "INFO" : "WARN",
    },
  };
}

const peer =
  (file: string) =>
  ({ port, upstream, accessLog }: Surroundings): Launch => ({
    command: process.execPath,
    args: [join(folders.peers, file)],
    env: {
      NODE_ENV: "production",
      PORT: String(port),
      UPSTREAM: `http://127.0.0.1:${upstream}`,
      API_KEY: apiKey,
      ORIGIN: pageOrigin,
      ACCESS_LOG: accessLog ? "on" : "off",
    },
  });

/** All of them; the first is the one that the others are compared with. */
export const contestants: readonly Contestant[] = [
  { id: "ours", label: "AIVillage Gateway", kind: "ours", cases: [...proxied, "local", "large-upload", "idle", "health"], launch: gateway },
  { id: "express-stack", label: "Express 5 stack", kind: "stack", cases: [...proxied, "local"], launch: peer("express-stack.mjs") },
  { id: "fastify-stack", label: "fastify stack", kind: "stack", cases: [...proxied, "local"], launch: peer("fastify-stack.mjs") },
  {
    id: "pass-through",
    label: "bare node:http + undici",
    kind: "floor",
    cases: [...proxied, "large-upload", "idle"],
    launch: peer("pass-through.mjs"),
  },
  { id: "express-bare", label: "bare Express 5", kind: "floor", cases: ["local"], launch: peer("express-bare.mjs") },
  ...proxyContestants,
];
