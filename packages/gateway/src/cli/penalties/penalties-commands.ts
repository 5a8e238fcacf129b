import type { GatewayConfig } from "../../config/gateway-config.ts";
import type { ConfigSources } from "../../config/load-config.ts";
import { CommandError, explain } from "../cli-error.ts";
import type { KeysIo } from "../cli-io.ts";
import { printable } from "../table.ts";
import { type PenaltiesArguments, readPenaltiesArguments } from "./penalties-arguments.ts";
import { type PenaltyTarget, penaltyTarget } from "./penalty-target.ts";
import { withSharedStore } from "./shared-store.ts";
import { describePenalty, penaltiesTable, sortedPenalties } from "./show-penalties.ts";
import { penaltiesUsage } from "./usage.ts";

/** What the commands read from and write to. */
export interface PenaltiesIo extends Pick<KeysIo, "stdout" | "stderr"> {
  /** Loads the configuration as the gateway does. */
  readonly load: (sources: ConfigSources) => GatewayConfig;
}

/**
 * Runs `aivillage-gateway penalties …`.
 *
 * @param args the command line after `penalties`
 * @returns the exit code: 0 done; 1 it could not be done; 2 the command line is wrong
 */
export async function runPenaltiesCommand(args: readonly string[], io: PenaltiesIo): Promise<number> {
  try {
    await run(readPenaltiesArguments(args), io);
    return 0;
  } catch (error) {
    return explain("penalties", error, io.stderr);
  }
}

async function run({ command, clients, options }: PenaltiesArguments, io: PenaltiesIo): Promise<void> {
  if (command === "help") return void io.stdout.write(penaltiesUsage);
  const show = (text: string, data: unknown): unknown => io.stdout.write(options.json === true ? `${JSON.stringify(data)}\n` : text);
  const targets = clients.map(penaltyTarget);
  const url = redisUrl(io.load(options.config === undefined ? {} : { file: options.config }));
  if (command === "lift") return lift(url, targets, show);
  const { penalties, isComplete } = await withSharedStore(url, (store) => store.listPenalties());
  const sorted = sortedPenalties(penalties);
  show(penaltiesTable(sorted), sorted.map(describePenalty));
  if (!isComplete) io.stderr.write(`There are more: these are ${penalties.length} of them.\n`);
}

async function lift(url: string, targets: readonly PenaltyTarget[], show: (text: string, data: unknown) => unknown): Promise<void> {
  const { lifted, searched } = await withSharedStore(url, async (store) => {
    const found = await store.listPenalties();
    const listed = found.penalties.map(({ key }) => key).filter((key) => targets.some(({ includes }) => includes(key)));
    const keys = [...new Set([...targets.flatMap(({ key }) => key ?? []), ...listed])];
    return { lifted: await store.liftPenalties(keys), searched: found };
  });
  const notPenalised = targets.filter(({ includes }) => !lifted.some(includes)).map(({ key, text }) => key ?? text);
  const lines = [...lifted.map((key) => `Lifted the penalty of ${key}.`), ...notPenalised.map((key) => `${key} was under no penalty.`)];
  show(lines.map((line) => `${printable(line)}\n`).join(""), { lifted, notPenalised });
  if (!searched.isComplete && targets.some(({ isOne }) => !isOne)) throw new CommandError(tooMany(searched.penalties.length));
}

function tooMany(looked: number): string {
  return (
    `There are more penalties than the ${looked} that were searched, so some of the same principal or address may be left: ` +
    'lift them by both, such as "key:ada 192.0.2.1"'
  );
}

function redisUrl({ rateLimit }: GatewayConfig): string {
  if (rateLimit.redisUrl !== "") return rateLimit.redisUrl;
  throw new CommandError(
    "REDIS_URL is not set, nor `rateLimit.redisUrl` in a file: penalties then live in the memory of each gateway, and end with its restart",
  );
}
