// Starts the village: three services, and the gateway before them, each in a process of its own.
import { signalGuard } from "@aivillage/http-server";

import { agentController, developmentKey, gateway, knowledgeSystem, type Member, originOf, twin } from "./members.ts";
import { findPorts } from "./ports.ts";
import { VillageProcess } from "./village-process.ts";

const running = new Map<Member, VillageProcess>();
let stopping = false;
const guard = signalGuard();

/** Stops all, the gateway first so that what it is answering can end, and exits. */
async function stopAll(exitCode: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await running.get(gateway)?.stop();
  await Promise.all([...running.values()].map((member) => member.stop()));
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

function describeVillage(ports: ReadonlyMap<Member, number>): string {
  const members = [...ports].map(([member, port]) => {
    return `  ${member.name.padEnd(18)}${originOf(member, port)}  pid ${running.get(member)?.pid}`;
  });
  const query = `curl -s ${originOf(gateway, ports.get(gateway) ?? 0)}/v1/query -H ${authorization()} -H 'Content-Type: application/json'`;
  const controller = running.get(agentController);
  return [
    `\nThe village is up:\n${members.join("\n")}`,
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
  const ports = await findPorts([...services, gateway]);
  const portOf = (member: Member): number => ports.get(member) ?? 0;
  const urls = services.map((member) => [member.urlVariable, originOf(member, portOf(member))]);
  const env: NodeJS.ProcessEnv = { ...process.env, ...(Object.fromEntries(urls) as NodeJS.ProcessEnv) };
  await Promise.all(services.map((member) => start(member, portOf(member), env)));
  await start(gateway, portOf(gateway), env);
  if (!stopping) console.log(describeVillage(ports));
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
await startAll().catch((error: unknown) => {
  if (!stopping) console.error((error as Error).message);
  return stopAll(1);
});
