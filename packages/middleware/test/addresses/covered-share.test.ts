import assert from "node:assert/strict";
import { test } from "node:test";

import { coveredShare } from "@aivillage/middleware";

test("ranges add up to their share of IPv4, of IPv6 or of the IPv6 Internet, whichever is most", () => {
  const cases: readonly (readonly [share: number, ...entries: string[]])[] = [
    [0],
    [0, "private", "localhost", "10.0.0.0/33"],
    [1, "0.0.0.0/0"],
    [0.5, "0.0.0.0/1"],
    [1, "0.0.0.0/1", "128.0.0.0/1"],
    [0.75, "128.0.0.0/1", "0.0.0.0/2"],
    [1 / 256, "10.0.0.0/8"],
    [1 / 2 ** 32, "192.0.2.1"],
    [1, "::/0"],
    [1, "::/1"],
    [0.5, "8000::/1"],
    [1, "2000::/3"],
    [0.5, "3000::/4", "10.0.0.0/8"],
  ];
  for (const [share, ...entries] of cases) assert.equal(coveredShare(entries), share, entries.join(" "));
});

test("what several ranges hold counts once, and a range that does not begin at its border is the whole range", () => {
  assert.equal(coveredShare(["0.0.0.0/1", "10.0.0.0/8", "0.0.0.0/1", "64.0.0.0/2"]), 0.5);
  assert.equal(coveredShare(["200.1.2.3/1"]), 0.5);
  assert.equal(coveredShare(["::ffff:0:0/96", "1.2.3.4"]), 1 / 2 ** 32, "an IPv4-mapped range is no range of a list");
});
