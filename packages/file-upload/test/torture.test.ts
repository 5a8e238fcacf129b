import assert from "node:assert/strict";
import { test } from "node:test";

import { broken, checkQuiet, cutOnce, endings, patienceFor, sound, startStand } from "./torture.ts";

for (const ending of endings) {
  test(`a broken form, or a part of a sound one, after which the client ${ending}, is refused and leaves nothing`, async () => {
    await using stand = await startStand(patienceFor(ending));
    const cuts: { body: Buffer; cut: number }[] = [];
    for (const body of [...Object.values(broken), sound.subarray(0, -4)]) {
      for (let cut = 0; cut < body.length; cut += 37) cuts.push({ body, cut });
      cuts.push({ body, cut: body.length });
    }
    await Promise.all(cuts.map(({ body, cut }) => cutOnce(stand, body, cut, ending)));
    assert.ok(stand.counts.uploads === cuts.length);
    await checkQuiet(stand);
  });
}

test("a sound form passes on the same stand", async () => {
  await using stand = await startStand();
  await assert.rejects(cutOnce(stand, sound, sound.length, "ends the request"), /: 200/);
});
