// No server: every line of standard input is screened as prose, and those with findings are printed. Exits with 1 if there are any.
// Try `node --conditions=@aivillage/source screen-lines.ts < comments.txt`, or pipe the text column of a table into it.
import { createInterface } from "node:readline";

import { describeClass, screen } from "@aivillage/screening";

let number = 0;
for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
  number += 1;
  const [finding] = screen(line, { profile: "prose" });
  if (finding === undefined) continue;
  const { class: attackClass, rule, score, span } = finding;
  console.log(`line ${number}, characters ${span.join(" to ")}: ${describeClass(attackClass)} (${attackClass}/${rule}, score ${score})`);
  process.exitCode = 1;
}
