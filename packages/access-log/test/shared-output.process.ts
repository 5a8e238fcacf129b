import cluster from "node:cluster";

import { createLogger } from "../src/index.ts";

if (cluster.isPrimary) for (let count = 0; count < 2; count += 1) cluster.fork();
else {
  const logger = createLogger();
  const text = "x".repeat(300);
  for (let count = 0; count < 3_000; count += 1) logger.info({ count, text }, "m");
  setImmediate(() => setImmediate(() => process.stderr.write("written\n")));
}
