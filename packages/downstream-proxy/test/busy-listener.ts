import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A target with a short queue for connections. Its test stops this process until the queue is full. */
const server = createServer((_req, res) => void res.end("hello"));
server.listen({ port: 0, host: "127.0.0.2", backlog: 1 }, () => process.send?.((server.address() as AddressInfo).port));
