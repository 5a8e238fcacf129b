import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server with a short queue for connections. */
const server = createServer((_req, res) => void res.end("hello"));
server.listen({ port: 0, host: "127.0.0.2", backlog: 1 }, () => process.send?.((server.address() as AddressInfo).port));
