// A process that serves, as one of several workers: it follows the keys file and tells its port.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { apiKeyAuth } from "@aivillage/api-key-auth";
import { compose, toListener } from "@aivillage/middleware";

import { followApiKeys } from "../src/state/follow-api-keys.ts";

const [apiKeysFile = ""] = process.argv.slice(2);
const listener = { replaced: () => undefined, failed: (error: Error) => process.stderr.write(error.message) };
const { ring } = followApiKeys(
  { apiKey: "the-key-of-the-configuration", secretKey: "unused", secretKeyPrevious: "", environment: "test", apiKeysFile },
  listener,
);
const server = createServer(toListener(compose(apiKeyAuth({ keys: ring }), (_req, res) => void res.end("in"))));
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
