// Starts the village: three services, and the gateway before them, each in a process of its own.
import { signalGuard } from "@aivillage/http-server";

import { agentController, developmentKey, gateway, knowledgeSystem, type Member, originOf, twin } from "./members.ts";
import { adminListener, makeOperator, type Operator } from "./operator.ts";
import { findPorts } from "./ports.ts";
import { VillageProcess } from "./village-process.ts";

const running = new Map<Member, VillageProcess>();
let stopping = false;
const guard = signalGuard();
let operator: Operator | undefined;

/** Stops all, the gateway first so that what it is answering can end, and exits. */
async function stopAll(exitCode: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await running.get(gateway)?.stop();
  await Promise.all([...running.values()].map((member) => member.stop()));
  operator?.close();
  process.exit(exitCode);
}

/** With a second signal, everything ends at once. */
function onSignal(): void {
  if (guard() === "again") for (const member of running.values()) member.kill();
  void stopAll(0);
}

/** Starts one member and resolves when it is healthy. */
async function start(member: Member, port: number, env: NodeJS.ProcessEnv): Promise<void> {
  if (stopping) return;
  const started = new VillageProcess({ ...member, env: { ...env, [member.portVariable]: String(port) } });
  running.set(member, started);
  void started.ended.then((how) => onEnd(member, started, how));
  await started.waitUntilHealthy(`${originOf(member, port)}/healthz`);
}

/** When a service ends the others go on, which shows what the gateway does then; without the gateway there is no village. */
function onEnd(member: Member, { pid }: VillageProcess, how: number | NodeJS.Signals): void {
  if (stopping) return;
  console.log(`The ${member.name} (pid ${pid}) has ended: ${how}.`);
  if (member === gateway) void stopAll(typeof how === "number" ? how : 1);
}

function describeVillage(ports: ReadonlyMap<Member, number>, consoleUrl: string | undefined): string {
  const members = [...ports].map(([member, port]) => {
    return `  ${member.name.padEnd(18)}${originOf(member, port)}  pid ${running.get(member)?.pid}`;
  });
  const query = `curl -s ${originOf(gateway, ports.get(gateway) ?? 0)}/v1/query -H ${authorization()} -H 'Content-Type: application/json'`;
  const controller = running.get(agentController);
  return [
    `\nThe village is up:\n${members.join("\n")}`,
    ...(consoleUrl === undefined ? [] : [`See it live:\n  ${consoleUrl}`]),
    `Ask it:\n  ${query} -d '${JSON.stringify({ query: "What is the capital of France?" })}'`,
    ...(controller === undefined
      ? []
      : [`Stop the agent controller alone and ask again, to see the knowledge system stand in:\n  kill ${controller.pid}`]),
    "Ctrl-C stops everything.\n",
  ].join("\n\n");
}

/** The header with the key, quoted for a shell. A key that is kept in a file stays there. */
function authorization(): string {
  const { API_KEY: key = developmentKey, API_KEY_FILE: file } = process.env;
  return file === undefined ? `'Authorization: Bearer ${key}'` : `"Authorization: Bearer $(cat '${file}')"`;
}

/** A service whose URL is set already is somewhere else, and is not started. */
async function startAll(): Promise<void> {
  const services = [twin, agentController, knowledgeSystem].filter(({ urlVariable }) => process.env[urlVariable] === undefined);
  // On a Unix socket no browser reaches the console.
  const hasConsole = process.env["ADMIN_SOCKET"] === undefined;
  const found = await findPorts<typeof adminListener>([...services, gateway, ...(hasConsole ? [adminListener] : [])]);
  const portOf = (member: typeof adminListener): number => found.get(member) ?? 0;
  if (hasConsole) operator = await makeOperator();
  const urls = services.map((member) => [member.urlVariable, originOf(member, portOf(member))]);
  const admin = operator === undefined ? {} : { ADMIN_PORT: String(portOf(adminListener)), ...operator.env };
  const env: NodeJS.ProcessEnv = { ...process.env, ...(Object.fromEntries(urls) as NodeJS.ProcessEnv), ...admin };
  await Promise.all(services.map((member) => start(member, portOf(member), env)));
  await start(gateway, portOf(gateway), env);
  if (stopping) return;
  const ports = new Map([...services, gateway].map((member) => [member, portOf(member)] as const));
  console.log(describeVillage(ports, operator?.consoleUrl(originOf(adminListener, portOf(adminListener)))));
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
await startAll().catch((error: unknown) => {
  if (!stopping) console.error((error as Error).message);
  return stopAll(1);
});
