import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { packageFolder } from "../../version.ts";

/** Something that listens on a port of this machine. */
export interface Listening {
  readonly name: string;
  readonly host: string;
  readonly portVariable: string;
  readonly defaultPort: number;
}

/** One program of the demo. */
export interface Member extends Listening {
  /** The file that runs it, and its arguments. */
  readonly program: readonly [file: string, ...args: string[]];
}

/** An upstream service of the gateway. */
export interface Service extends Member {
  /** The variable that holds its URL. */
  readonly urlVariable: string;
}

/** Whether the sources run, which begin where the build ends. */
const isSource = process.execArgv.includes("--conditions=@aivillage/source");
const services = fileURLToPath(new URL(isSource ? "../../examples/village/src/serve.ts" : "dist/demo/serve.js", packageFolder));

function service(name: string, variable: string, defaultPort: number): Service {
  return {
    name,
    program: [services, name.replace(" ", "-")],
    host: "127.0.0.1",
    portVariable: `VILLAGE_${variable}_PORT`,
    defaultPort,
    urlVariable: `${variable}_URL`,
  };
}

export const agentController = service("agent controller", "AGENT_CONTROLLER", 8002);

/** The three services of the examples, each with the port that the gateway expects by default. */
export const allServices: readonly Service[] = [
  service("twin", "TWIN", 8001),
  agentController,
  service("knowledge system", "KNOWLEDGE_SYSTEM", 8003),
];

/** Whether the services are there: a build that leaves them out has no demo. */
export const hasServices = (): boolean => existsSync(services);

/** The gateway, run by the program that runs now. */
export function gatewayMember(host: string): Member {
  const [, file = ""] = process.argv;
  return { name: "gateway", program: [file, "start"], host, portVariable: "GATEWAY_PORT", defaultPort: 8000 };
}

/** The origin at which this machine reaches a member. */
export function originOf({ host }: Pick<Listening, "host">, port: number): string {
  if (host === "0.0.0.0" || host === "::") return `http://127.0.0.1:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
