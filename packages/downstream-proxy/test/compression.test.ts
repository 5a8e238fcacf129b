import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createBrotliDecompress, createGunzip, constants } from "node:zlib";

import { compose, type Handler } from "@aivillage/middleware";
import compression from "compression";

import { serveProxy } from "./support.ts";

const decoders = {
  gzip: () => createGunzip({ flush: constants.Z_SYNC_FLUSH }),
  br: () => createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH }),
};

for (const coding of ["gzip", "br"] as const) {
  test(`each event passes compression() in ${coding} before the next one is made`, async (t) => {
    const streams: ServerResponse[] = [];
    const target = createServer((_req, res) => {
      res.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
      streams.push(res);
    }).listen(0, "127.0.0.1");
    t.after(() => {
      target.closeAllConnections();
      target.close();
    });
    await once(target, "listening");
    const compress: Handler = (req, res, next) => compression()(req as never, res as never, next);
    await using app = await serveProxy({ target: `http://127.0.0.1:${(target.address() as AddressInfo).port}` }, compose(compress));
    const asked = request(app.url, { headers: { "Accept-Encoding": coding } }).end();
    // The head arrives before the first event is made.
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    assert.equal(response.headers["content-encoding"], coding);
    const events = response.pipe(decoders[coding]()).setEncoding("utf8");
    for (const name of ["one", "two", "three"]) {
      streams[0]?.write(`data: ${name}\n\n`);
      const [event] = (await once(events, "data")) as [string];
      assert.equal(event, `data: ${name}\n\n`);
    }
    streams[0]?.end();
    await once(events.resume(), "end");
  });
}
