import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";

import { eventually, forEachHost } from "@aivillage/testing";

import { type Handler, isResponseDelivered, markResponseDelivered } from "../src/index.ts";

const head = { "Content-Length": 7 };

forEachHost((host) => {
  /** Lets a client leave once it has received the text, and tells whether it was answered when the connection had closed. */
  const deliveredAtClose = async (handler: Handler, text: string): Promise<boolean> => {
    let closed: boolean | undefined;
    const watch: Handler = (req, res, next) => {
      assert.equal(isResponseDelivered(req, res), false);
      res.once("close", () => (closed = isResponseDelivered(req, res)));
      next();
    };
    await using app = await host.serve([watch, handler]);
    const client = connect(app.port, "127.0.0.1", () => client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    let received = "";
    client.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (received.endsWith(text)) client.resetAndDestroy();
    });
    await eventually(() => closed !== undefined, "the connection has closed");
    return closed === true;
  };
  const writeAndNote = (req: IncomingMessage, res: ServerResponse): void => {
    res.writeHead(200, head).write("answer!", (error) => void (error ?? markResponseDelivered(req)));
  };

  test("a response that has ended counts as delivered, without a note", async () => {
    assert.equal(await deliveredAtClose((_req, res) => void res.writeHead(200, head).end("answer!"), "answer!"), true);
  });

  test("a response that was handed over whole and noted counts as delivered, though the response never ends", async () => {
    assert.equal(await deliveredAtClose(writeAndNote, "answer!"), true);
  });

  test("a response with a missing part does not count as delivered", async () => {
    assert.equal(await deliveredAtClose((_req, res) => void res.writeHead(200, head).write("answer"), "answer"), false);
  });

  test("a response to a client that left before does not count as delivered", async () => {
    let outcome: boolean | undefined;
    const late: Handler = (req, res) => {
      res.once("close", () => {
        writeAndNote(req, res);
        setImmediate(() => (outcome = isResponseDelivered(req, res)));
      });
    };
    await using app = await host.serve([late]);
    const client = connect(app.port, "127.0.0.1");
    await once(client, "connect");
    client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n", () => client.resetAndDestroy());
    await eventually(() => outcome !== undefined, "the late answer");
    assert.equal(outcome, false);
  });
});
