// The least that a proxy in Node can do: node:http in front, undici behind, no middleware. The floor, not a gateway.
import { createServer } from "node:http";

import { Pool } from "undici";

import { port, upstream } from "./setting.mjs";

const pool = new Pool(upstream);
const hopByHop = new Set(["connection", "host", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "expect"]);

function endToEnd(headers) {
  const kept = {};
  for (const name in headers) if (!hopByHop.has(name)) kept[name] = headers[name];
  return kept;
}

class Answer {
  #res;
  #controller;

  constructor(res) {
    this.#res = res;
    res.on("drain", () => this.#controller?.resume());
    res.on("close", () => {
      if (!res.writableFinished) this.#controller?.abort(new Error("the client left"));
    });
  }

  onRequestStart(controller) {
    this.#controller = controller;
  }

  onResponseStart(_controller, status, headers) {
    if (status >= 200) this.#res.writeHead(status, endToEnd(headers));
  }

  onResponseData(controller, chunk) {
    if (!this.#res.write(chunk)) controller.pause();
  }

  onResponseEnd() {
    this.#res.end();
  }

  onResponseError() {
    if (this.#res.headersSent) this.#res.destroy();
    else this.#res.writeHead(502).end();
  }
}

createServer({ keepAliveTimeout: 75_000 }, (req, res) => {
  const { method, url, headers } = req;
  const body = method === "GET" || method === "HEAD" ? null : req;
  pool.dispatch({ path: url, method, headers: endToEnd(headers), body }, new Answer(res));
}).listen(port, "127.0.0.1");
