/** A worker that serves requests until the test ends it: each holds its slot until its connection closes. */
import { createServer } from "node:http";

import { compose, type Handler, toListener } from "@aivillage/middleware";

import { admission, ClusterStore } from "../../src/index.ts";

const made = admission({
  limits: [{ name: "model", max: 4 }],
  store: new ClusterStore({ instances: 4 }),
  share: (req) => req.headers["x-name"]?.toString(),
  queue: { max: 100, maxWaitMs: 600_000, maxPerShare: 100 },
});
const hold: Handler = (_req, res) => void res.writeHead(200, { "X-Worker": process.pid }).write("held");
createServer(toListener(compose(made, hold))).listen(0, "127.0.0.1");
