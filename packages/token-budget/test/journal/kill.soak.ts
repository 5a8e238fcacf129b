import { test } from "node:test";

import { killAgainAndAgain } from "./kill-loop.ts";

test("a process that is killed 10,000 times loses no charge that was safe", async (t) => {
  const times = Number(process.env["KILLS"] ?? 10_000);
  t.diagnostic(`${await killAgainAndAgain(times)} charges survived ${times} ends`);
});
