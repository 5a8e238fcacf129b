import { type PenaltyTarget, penaltyTarget, penaltyTargetExpected } from "../../state/penalty-target.ts";
import { CommandError } from "../cli-error.ts";
import { type CliIo, show } from "../cli-io.ts";
import { printable } from "../table.ts";
import { type PenaltiesFlags, redisUrlOf } from "./penalties-flags.ts";
import { withSharedStore } from "./shared-store.ts";

/** `penalties clear`: ends the penalties of clients in all gateways. */
export async function clear(names: readonly string[], options: PenaltiesFlags, io: CliIo): Promise<number> {
  const targets = names.map(readTarget);
  const { cleared, searched } = await withSharedStore(redisUrlOf(options, io), async (store) => {
    const found = await store.listPenalties();
    const listed = found.penalties.map(({ key }) => key).filter((key) => targets.some(({ includes }) => includes(key)));
    const keys = [...new Set([...targets.flatMap(({ key }) => key ?? []), ...listed])];
    return { cleared: await store.clearPenalties(keys), searched: found };
  });
  const notPenalised = targets.filter(({ includes }) => !cleared.some(includes)).map(({ key, text }) => key ?? text);
  const lines = [...cleared.map((key) => `Cleared the penalty of ${key}.`), ...notPenalised.map((key) => `${key} was not penalised.`)];
  show(io, options, lines.map((line) => `${printable(line)}\n`).join(""), { cleared, notPenalised });
  if (!searched.isComplete && targets.some(({ isOne }) => !isOne)) throw new CommandError(tooMany(searched.penalties.length));
  return 0;
}

/** @throws CommandError with exit code 2 that names what is no client */
function readTarget(text: string): PenaltyTarget {
  const target = penaltyTarget(text);
  if (target !== undefined) return target;
  throw new CommandError(`${JSON.stringify(text)} is not a client: expected ${penaltyTargetExpected}; nothing was cleared`, 2);
}

function tooMany(searched: number): string {
  return (
    `There are more penalties than the ${searched} that were searched, so some of the same principal or address may be left: ` +
    'clear them by both, such as "key:ada 192.0.2.1"'
  );
}
