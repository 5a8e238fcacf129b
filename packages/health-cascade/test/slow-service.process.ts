/** A service for the tests: a process of its own whose health path takes 150 ms. Its port is the argument, or a free one. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const server = createServer((_req, res) => void setTimeout(() => res.end("ok"), 150));

server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
