/** A program for the tests: logs as a service in development does. */
import { createLogger } from "../src/index.ts";

const logger = createLogger({ pretty: process.stdout.isTTY });
logger.info({ port: 8_000 }, "listening");
logger.error({ err: new Error("broken"), token: "s3cr3t" }, "failed");
