import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { CaseId } from "./cases.ts";
import { findProgram } from "./find-program.ts";
import { folders } from "./folders.ts";
import { haproxyConfig, nginxConfig } from "./proxy-configs.ts";
import { apiKey, pageOrigin, secretKey } from "./traffic.ts";

export type ContestantId = "ours" | "express-stack" | "fastify-stack" | "pass-through" | "express-bare" | "nginx" | "haproxy";

/** Where a contestant is started. */
export interface Surroundings {
  readonly port: number;
  /** Port of the upstream. */
  readonly upstream: number;
  /** An empty folder of its own. */
  readonly folder: string;
  /** Event streams or large uploads are coming. */
  readonly streaming: boolean;
  readonly accessLog: boolean;
  /** URLs of the three services that stand behind the gateway. */
  readonly services: readonly [twin: string, agentController: string, knowledgeSystem: string];
}

interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** One that is measured. */
export interface Contestant {
  readonly id: ContestantId;
  readonly label: string;
  /** `stack` does the same work as ours, `floor` far less in Node, `proxy` is another kind of program. */
  readonly kind: "ours" | "stack" | "floor" | "proxy";
  readonly cases: readonly CaseId[];
  /** Program that must be installed. Default: none but Node. */
  readonly program?: string;
  readonly launch: (surroundings: Surroundings) => Launch;
}

const proxied: readonly CaseId[] = ["post", "sse", "upload"];

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

function writeConfig(folder: string, text: string): string {
  const file = join(folder, "proxy.conf");
  writeFileSync(file, text);
  return file;
}

/** All of them; the first is the one that the others are compared with. */
export const contestants: readonly Contestant[] = [
  { id: "ours", label: "AIVillage Gateway", kind: "ours", cases: [...proxied, "local", "large-upload", "health"], launch: gateway },
  { id: "express-stack", label: "Express 5 stack", kind: "stack", cases: [...proxied, "local"], launch: peer("express-stack.mjs") },
  { id: "fastify-stack", label: "fastify stack", kind: "stack", cases: [...proxied, "local"], launch: peer("fastify-stack.mjs") },
  {
    id: "pass-through",
    label: "bare node:http + undici",
    kind: "floor",
    cases: [...proxied, "large-upload"],
    launch: peer("pass-through.mjs"),
  },
  { id: "express-bare", label: "bare Express 5", kind: "floor", cases: ["local"], launch: peer("express-bare.mjs") },
  {
    id: "nginx",
    label: "nginx, proxying only",
    kind: "proxy",
    cases: proxied,
    program: "nginx",
    launch: (surroundings) => ({
      command: findProgram("nginx") ?? "nginx",
      args: ["-p", surroundings.folder, "-e", "stderr", "-c", writeConfig(surroundings.folder, nginxConfig(surroundings))],
      env: {},
    }),
  },
  {
    id: "haproxy",
    label: "HAProxy, proxying only",
    kind: "proxy",
    cases: proxied,
    program: "haproxy",
    launch: (surroundings) => ({
      command: findProgram("haproxy") ?? "haproxy",
      args: ["-db", "-f", writeConfig(surroundings.folder, haproxyConfig(surroundings))],
      env: {},
    }),
  },
];
