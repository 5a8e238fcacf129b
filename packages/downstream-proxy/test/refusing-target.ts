import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const server = createServer((_req, res) => void res.writeHead(413, { Connection: "close", "Content-Length": 9 }).end("too large"));
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit());
