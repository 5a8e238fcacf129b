/** A process that writes an audit log until it is killed, and says each time how far it is safely on the disk. */
import { auditLog } from "../../src/index.ts";

const [path = ""] = process.argv.slice(2);
const audit = auditLog({ path, key: "a key of sixteen bytes", fsync: "always", maxBytes: 4_096 });
process.send?.(audit.head.seq);

for (let call = 0; ; call += 1) {
  audit.write({ call, model: "gpt-4o", input_tokens: 12 });
  audit.write({ call, model: "gpt-4o", output_tokens: 3 });
  await audit.flushed();
  process.send?.(audit.head.seq);
}
