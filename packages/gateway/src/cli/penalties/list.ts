import { describePenalty, sortedPenalties } from "../../state/describe-penalties.ts";
import { type CliIo, show } from "../cli-io.ts";
import { type PenaltiesFlags, redisUrlOf } from "./penalties-flags.ts";
import { withSharedStore } from "./shared-store.ts";
import { penaltiesTable } from "./show-penalties.ts";

/** `penalties list`: prints the penalised clients. */
export async function list(options: PenaltiesFlags, io: CliIo): Promise<number> {
  const { penalties, isComplete } = await withSharedStore(redisUrlOf(options, io), (store) => store.listPenalties());
  const sorted = sortedPenalties(penalties);
  show(io, options, penaltiesTable(sorted), sorted.map(describePenalty));
  if (!isComplete) io.stderr.write(`There are more: these are ${penalties.length} of them.\n`);
  return 0;
}
