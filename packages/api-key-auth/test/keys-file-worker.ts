// A process that serves, as one of several workers: it follows the keys file and sends its port.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { compose, toListener } from "@aivillage/middleware";

import { apiKeyAuth } from "../src/index.ts";
import { followKeysFile } from "../src/keys-file/index.ts";

const [path = ""] = process.argv.slice(2);
const { ring } = followKeysFile(path, { onRefused: ({ message }) => process.stderr.write(message) });
const server = createServer(toListener(compose(apiKeyAuth({ keys: ring }), (_req, res) => void res.end("in"))));
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
