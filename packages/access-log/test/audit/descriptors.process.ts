/** A process that has one descriptor left when its audit log has to begin a new file, and more again after that. */
import { closeSync, openSync, statSync } from "node:fs";

import { auditLog } from "../../src/index.ts";

const [path = ""] = process.argv.slice(2);
const maxBytes = 1_024;
const audit = auditLog({ path, key: "a key of sixteen bytes", maxBytes });
let call = 0;
const write = (): Promise<void> => {
  audit.write({ call: (call += 1) });
  return audit.flushed();
};
while (statSync(path).size < maxBytes) await write();

const held: number[] = [];
try {
  for (;;) held.push(openSync("/dev/null", "r"));
} catch {
  closeSync(held.pop() ?? -1);
}
const outcomes: unknown[] = [];
for (let time = 0; time < 3; time += 1) {
  await write().then(
    () => outcomes.push("written"),
    (error: NodeJS.ErrnoException) => outcomes.push(error.code),
  );
}
for (const each of held) closeSync(each);
await write();
await audit.close();
console.log(JSON.stringify({ call, outcomes }));
