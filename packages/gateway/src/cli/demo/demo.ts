import { endWithLauncher, signalGuard } from "@aivillage/http-server";

import type { Variables } from "../../config/loader/environment.ts";
import { CommandError } from "../cli-error.ts";
import type { CliIo, ConfigFlags } from "../cli-io.ts";
import { DemoProcess } from "./demo-process.ts";
import { describeDemo } from "./describe-demo.ts";
import { allServices, gatewayMember, hasServices, type Listening, type Member, originOf } from "./members.ts";
import { type DemoOperator, demoOperator } from "./operator.ts";
import { findPorts } from "./ports.ts";

/**
 * `demo`: runs three small upstream services and the gateway in front of them, each in its own process, until a signal or the end of
 * the gateway.
 *
 * @throws CommandError when a port is taken or a member does not start
 */
export async function demo(options: ConfigFlags, io: CliIo): Promise<number> {
  if (!hasServices()) throw new CommandError("this build has no demo services");
  endWithLauncher(io.env ?? {});
  const running = new RunningDemo(io);
  const guard = signalGuard();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => running.onSignal(guard() === "again"));
  try {
    await running.start(environmentOf(options, io));
    return await running.ended;
  } catch (error) {
    if (running.isStopping) return await running.ended;
    await running.stop(1);
    throw error;
  }
}

function environmentOf({ config, port }: ConfigFlags, { env = {} }: CliIo): Variables {
  return { ...env, ...(config !== undefined && { CONFIG_FILE: config }), ...(port !== undefined && { GATEWAY_PORT: port }) };
}

/** The processes of a demo. */
class RunningDemo {
  /** Resolves with the exit code when all have ended. */
  readonly ended: Promise<number>;
  isStopping = false;
  readonly #io: CliIo;
  readonly #processes = new Map<Member, DemoProcess>();
  readonly #end: (exitCode: number) => void;
  #operator: DemoOperator | undefined;

  constructor(io: CliIo) {
    this.#io = io;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.ended = promise;
    this.#end = resolve;
  }

  /** Starts the services, and the gateway when these are healthy. A service whose URL is set runs elsewhere and is not started. */
  async start(env: Variables): Promise<void> {
    const services = allServices.filter(({ urlVariable }) => env[urlVariable] === undefined);
    const gateway = gatewayMember(env["GATEWAY_HOST"] ?? "0.0.0.0");
    const operator = (this.#operator = await demoOperator(env));
    const ports = await findPorts([...services, gateway, ...(operator === undefined ? [] : [operator.listener])], env);
    const portOf = (listening: Listening): number => ports.get(listening) ?? 0;
    const urls = services.map((member) => [member.urlVariable, originOf(member, portOf(member))] as const);
    const admin = operator === undefined ? {} : { ADMIN_PORT: String(portOf(operator.listener)), ...operator.env };
    const settings = { ...env, ...Object.fromEntries(urls), ...admin };
    const startOn = (member: Member) => this.#startMember(member, portOf(member), settings, member === gateway);
    await Promise.all(services.map(startOn));
    await startOn(gateway);
    const members = Array.from([...services, gateway], (member) => ({
      ...member,
      port: portOf(member),
      pid: this.#processes.get(member)?.pid,
    }));
    if (!this.isStopping) this.#io.stdout.write(describeDemo(members, env, operator?.consoleUrl(portOf(operator.listener))));
  }

  async #startMember(member: Member, port: number, env: Variables, isGateway: boolean): Promise<void> {
    if (this.isStopping) return;
    const started = new DemoProcess(member, { ...env, [member.portVariable]: String(port) });
    this.#processes.set(member, started);
    void started.ended.then((how) => this.#onEnd(member, started, how, isGateway));
    await started.waitUntilHealthy(`${originOf(member, port)}/healthz`);
  }

  /** When a service ends the others continue, to show what the gateway does then. When the gateway ends, the demo does. */
  #onEnd({ name }: Member, { pid }: DemoProcess, how: number | NodeJS.Signals, isGateway: boolean): void {
    if (this.isStopping) return;
    this.#io.stdout.write(`The ${name} (pid ${pid}) has ended: ${how}.\n`);
    if (isGateway) void this.stop(typeof how === "number" ? how : 1);
  }

  /** A second signal ends everything at once. */
  onSignal(isSecond: boolean): void {
    if (isSecond) for (const each of this.#processes.values()) each.kill();
    void this.stop(0);
  }

  /** Stops all, the gateway first so that requests in progress can end. */
  async stop(exitCode: number): Promise<void> {
    if (this.isStopping) return;
    this.isStopping = true;
    await [...this.#processes].find(([{ name }]) => name === "gateway")?.[1].stop();
    await Promise.all([...this.#processes.values()].map((each) => each.stop()));
    this.#operator?.close();
    this.#end(exitCode);
  }
}
