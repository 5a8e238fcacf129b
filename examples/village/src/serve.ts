// Runs one of the three services: `node serve.ts twin`, or `agent-controller` or `knowledge-system`.
import type { Express } from "express";

import { fail, run } from "./run.ts";

interface Service {
  readonly portVariable: string;
  readonly defaultPort: number;
  readonly make: () => Promise<Express>;
}

// Each process loads its own service alone.
const services: Readonly<Record<string, Service>> = {
  twin: {
    portVariable: "VILLAGE_TWIN_PORT",
    defaultPort: 8001,
    make: async () => (await import("./twin.ts")).twin(),
  },
  "agent-controller": {
    portVariable: "VILLAGE_AGENT_CONTROLLER_PORT",
    defaultPort: 8002,
    make: async () => (await import("./agent-controller.ts")).agentController({ knowledgeUrl: knowledgeUrl() }),
  },
  "knowledge-system": {
    portVariable: "VILLAGE_KNOWLEDGE_SYSTEM_PORT",
    defaultPort: 8003,
    make: async () => (await import("./knowledge-system.ts")).knowledgeSystem(),
  },
};

function knowledgeUrl(): string {
  return process.env["KNOWLEDGE_SYSTEM_URL"]?.split(",")[0] ?? "http://127.0.0.1:8003";
}

const [name = ""] = process.argv.slice(2);
const service = services[name] ?? fail(`Name a service: ${Object.keys(services).join(", ")}.`);
run(await service.make(), { name: name.replace("-", " "), ...service });
