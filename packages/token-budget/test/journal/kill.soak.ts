import { join } from "node:path";
import { test } from "node:test";

import { temporaryFile } from "@aivillage/testing";
import { rolldown } from "rolldown";

import { killAgainAndAgain, settleProgram } from "./kill-loop.ts";

const times = Number(process.env["KILLS"] ?? 10_000);
/** Several at once, each with a ledger of its own: while one starts, another is killed. */
const ledgers = 3;
const reportEvery = 250;

test("processes that are killed 10,000 times lose no charge that was safe", async (t) => {
  using folder = temporaryFile("settle.mjs");
  const program = await build(folder.folder);
  let kills = 0;
  const onKill = (): void => {
    kills += 1;
    if (kills % reportEvery === 0) process.stderr.write(`${kills} of ${times} ends, no charge lost\n`);
  };
  const shares = Array.from({ length: ledgers }, (_, index) => Math.floor((times + index) / ledgers));
  const survived = await Promise.all(shares.map((share) => killAgainAndAgain(share, program, onKill)));
  t.diagnostic(`${survived.reduce((sum, each) => sum + each, 0)} charges survived ${kills} ends`);
});

/** One file of plain JavaScript: most of the time of a short life is its start. */
async function build(folder: string): Promise<string> {
  const file = join(folder, "settle.mjs");
  const bundle = await rolldown({
    input: settleProgram,
    platform: "node",
    resolve: { conditionNames: ["@aivillage/source", "import", "node"] },
  });
  await bundle.write({ file, format: "esm" });
  await bundle.close();
  return file;
}
