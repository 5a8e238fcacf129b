/** A service for the soak of health: `slow` needs 150 ms for its health, `no-health` has no such path. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const isSlow = process.argv[2] === "slow";

const server = createServer((req, res) => {
  if (req.url !== "/healthz") return void res.end("ok");
  if (!isSlow) return void res.writeHead(404).end();
  setTimeout(() => res.end("ok"), 150);
});

server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
