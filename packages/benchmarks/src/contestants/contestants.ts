import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { CaseId } from "../cases.ts";
import { folders } from "../folders.ts";
import { apiKey, callRequest, pageOrigin } from "../traffic.ts";
import type { Contestant, Launch, Surroundings } from "./contestant.ts";
import { gatewayEnv } from "./gateway-env.ts";
import { proxyContestants } from "./proxy-contestants.ts";

const proxied: readonly CaseId[] = ["post", "post-1k", "post-10k", "post-30k", "paced", "sse", "upload"];

/** A route for calls of models: as an operator writes it, or one that passes everything unread. */
const callRoutes = { metered: { ai: "openai-chat" }, unmetered: { methods: ["POST"], body: "stream", query: "any" } } as const;

function gatewayWith(route: keyof typeof callRoutes, surroundings: Surroundings): Launch {
  const { calls, folder, upstream } = surroundings;
  const launch = gateway(surroundings);
  if (!calls) return launch;
  const file = join(folder, "gateway.json");
  const routes = [{ path: callRequest.path, upstream: [`http://127.0.0.1:${upstream}`], ...callRoutes[route] }];
  writeFileSync(file, JSON.stringify({ routes }));
  return { ...launch, env: { ...launch.env, CONFIG_FILE: file } };
}

function gateway({ port, services: [twin, agentController, knowledgeSystem], accessLog }: Surroundings): Launch {
  return {
    command: process.execPath,
    args: [folders.gatewayProgram, "start"],
    env: {
      ...gatewayEnv(port),
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
  {
    id: "ours",
    label: "AIVillage Gateway",
    kind: "ours",
    cases: [...proxied, "calls", "local", "large-upload", "idle", "health"],
    launch: (surroundings) => gatewayWith("metered", surroundings),
  },
  {
    id: "ours-unmetered",
    label: "AIVillage Gateway, route without `ai`",
    kind: "floor",
    cases: ["calls"],
    launch: (surroundings) => gatewayWith("unmetered", surroundings),
  },
  { id: "express-stack", label: "Express 5 stack", kind: "stack", cases: [...proxied, "local"], launch: peer("express-stack.mjs") },
  { id: "fastify-stack", label: "fastify stack", kind: "stack", cases: [...proxied, "local"], launch: peer("fastify-stack.mjs") },
  {
    id: "pass-through",
    label: "bare node:http + undici",
    kind: "floor",
    cases: [...proxied, "calls", "large-upload", "idle"],
    launch: peer("pass-through.mjs"),
  },
  { id: "express-bare", label: "bare Express 5", kind: "floor", cases: ["local"], launch: peer("express-bare.mjs") },
  ...proxyContestants,
];
