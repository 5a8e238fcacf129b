/** One of those who make up the village. */
export interface Member {
  name: string;
  /** The file that runs it alone, as a URL. */
  file: string;
  args: readonly string[];
  host: string;
  portVariable: string;
  defaultPort: number;
}

/** One of the services behind the gateway. */
export interface Service extends Member {
  /** The variable that tells the others where it is. */
  urlVariable: string;
}

/** A key that is no secret: the gateway's own default for development. */
export const developmentKey = "dev-gateway-key-12345";

const local = (file: string) => ({ file: new URL(file, import.meta.url).href, args: [], host: "127.0.0.1" });

export const twin: Service = {
  ...local("twin.ts"),
  name: "twin",
  portVariable: "VILLAGE_TWIN_PORT",
  defaultPort: 8001,
  urlVariable: "TWIN_URL",
};

export const agentController: Service = {
  ...local("agent-controller.ts"),
  name: "agent controller",
  portVariable: "VILLAGE_AGENT_CONTROLLER_PORT",
  defaultPort: 8002,
  urlVariable: "AGENT_CONTROLLER_URL",
};

export const knowledgeSystem: Service = {
  ...local("knowledge-system.ts"),
  name: "knowledge system",
  portVariable: "VILLAGE_KNOWLEDGE_SYSTEM_PORT",
  defaultPort: 8003,
  urlVariable: "KNOWLEDGE_SYSTEM_URL",
};

export const gateway: Member = {
  name: "gateway",
  file: new URL("cli.ts", import.meta.resolve("@aivillage/gateway")).href,
  args: ["start"],
  host: process.env["GATEWAY_HOST"] ?? "0.0.0.0",
  portVariable: "GATEWAY_PORT",
  defaultPort: 8000,
};

/** The origin of a member as one on this machine reaches it. */
export function originOf({ host }: Pick<Member, "host">, port: number): string {
  if (host === "0.0.0.0" || host === "::") return `http://127.0.0.1:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
