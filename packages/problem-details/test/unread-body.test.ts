// Takes long: it waits for connections that are given up after seconds.
import assert from "node:assert/strict";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";

import { compose, type Handler, HttpProblem, isResponseDelivered, toListener } from "@aivillage/middleware";
import { eventually, forEachHost, listen, rawRequest, type RunningServer } from "@aivillage/testing";

import { problemDetails } from "../src/index.ts";

const document = '{"type":"about:blank","title":"Payload Too Large","status":413}';
const tooLarge = (): HttpProblem => new HttpProblem({ status: 413 });

/** Refuses without looking at the body. */
const refuse: Handler = (_req, _res, next) => next(tooLarge());
/** Refuses in the middle of the body, as a reader with a limit does. */
const refuseMidway: Handler = (req, _res, next) => {
  req.once("data", () => {
    req.pause();
    next(tooLarge());
  });
};

interface Upload {
  readonly socket: Socket;
  received: string;
  closed: boolean;
}

/** A client that sends head and body as it likes and keeps what it receives. */
function openUpload(app: RunningServer, ...head: string[]): Upload {
  return openRequest(app, "POST", head);
}

function openRequest(app: RunningServer, method: string, head: readonly string[], allowHalfOpen = false): Upload {
  // Seeing the end of the response is no reason for this client to close.
  const socket = connect({ port: app.port, host: "127.0.0.1", allowHalfOpen });
  const upload: Upload = { socket, received: "", closed: false };
  socket.on("data", (chunk) => (upload.received += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  socket.on("close", () => (upload.closed = true));
  socket.write([`${method} / HTTP/1.1`, "Host: a", ...head, "", ""].join("\r\n"));
  return upload;
}

/** Sends zeros until the connection is closed. */
function sendForever({ socket }: Upload): void {
  const piece = Buffer.alloc(65_536);
  const pump = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on("drain", pump);
  pump();
}

/** Without the time that is given to a body, only a client that leaves can end its request. */
const stopLingering = (t: TestContext): void => t.mock.timers.enable({ apis: ["setTimeout"] });

const hasResponse = (upload: Upload): boolean => upload.received.endsWith(document);

forEachHost((host) => {
  for (const [when, handler] of [
    ["before the body", refuse],
    ["in the middle of the body", refuseMidway],
  ] as const) {
    test(`a client in the middle of a big upload receives the response that came ${when}`, async () => {
      await using app = await host.serve([handler], problemDetails());
      const upload = openUpload(app, "Content-Length: 1073741824");
      sendForever(upload);
      await eventually(() => hasResponse(upload), "the client has the whole answer");
      assert.match(upload.received, /^HTTP\/1\.1 413 [^]*\r\nConnection: close\r\n/);
      upload.socket.destroy();
    });

    test(`a client that reads only after it has sent everything finds the response that came ${when}`, async () => {
      await using app = await host.serve([handler], problemDetails());
      const upload = openUpload(app, "Transfer-Encoding: chunked");
      upload.socket.pause();
      const piece = `10000\r\n${"x".repeat(65_536)}\r\n`;
      await new Promise((resolve) => upload.socket.write(`${piece.repeat(400)}0\r\n\r\n`, resolve));
      upload.socket.resume();
      await eventually(() => upload.closed, "the connection is closed");
      assert.ok(hasResponse(upload), upload.received.slice(0, 200));
    });

    test(`a small body left unread ${when} does not cost the connection`, async () => {
      await using app = await host.serve([handler], problemDetails());
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const post = (): Promise<boolean> =>
        new Promise((resolve, reject) => {
          const sent = request(app.url, { agent, method: "POST" }, (response: IncomingMessage) => {
            assert.equal(response.statusCode, 413);
            response.resume().once("end", () => setImmediate(resolve, sent.reusedSocket));
          });
          sent.on("error", reject).end("x".repeat(20_000));
        });
      assert.deepEqual([await post(), await post(), await post()], [false, true, true]);
      agent.destroy();
    });
  }

  test("requests that were sent ahead get responses after an unread body", async () => {
    await using app = await host.serve([refuse], problemDetails());
    const first = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n${"x".repeat(300_000)}`;
    const responses = await rawRequest(app.port, `${first}GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, 5_000);
    assert.equal(responses.match(/HTTP\/1\.1 413/g)?.length, 2);
  });

  test("a request without body keeps its connection", async () => {
    await using app = await host.serve([refuse], problemDetails());
    const responses = await rawRequest(
      app.port,
      "GET / HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
      5_000,
    );
    assert.equal(responses.match(/HTTP\/1\.1 413/g)?.length, 2);
  });

  test("HEAD with a body gets the head only", async () => {
    await using app = await host.serve([refuse], problemDetails());
    const response = await rawRequest(app.port, "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\nxx");
    assert.match(response, /^HTTP\/1\.1 413 [^]*\r\n\r\n$/);
  });

  /** Refuses, and keeps whether the whole answer was taken when the connection closed. */
  const closing = (refusal: Handler) => {
    const responses: boolean[] = [];
    const watch: Handler = (req, res, next) => {
      res.once("close", () => responses.push(isResponseDelivered(req, res)));
      next();
    };
    return { responses, handlers: [watch, refusal] };
  };

  for (const [method, framing] of [
    ["POST", "Transfer-Encoding: chunked"],
    ["POST", "Content-Length: 1073741824"],
    ["HEAD", "Content-Length: 1073741824"],
  ] as const) {
    test(`a client that has its response and leaves instead of sending the rest counts as served: ${method}, ${framing}`, async (t) => {
      stopLingering(t);
      const { responses, handlers } = closing(refuse);
      await using app = await host.serve(handlers, problemDetails());
      const upload = openRequest(app, method, [framing]);
      await eventually(
        () => (method === "HEAD" ? upload.received.endsWith("\r\n\r\n") : hasResponse(upload)),
        "the client has the whole answer",
      );
      upload.socket.resetAndDestroy();
      await eventually(() => responses.length === 1, "the server saw the client leave");
      assert.deepEqual(responses, [true]);
    });
  }

  test("a client that leaves before it has taken the whole response does not count as served", async (t) => {
    stopLingering(t);
    // More than the buffers of both ends of the connection hold.
    const extensions = { text: "x".repeat(32_000_000) };
    const { responses, handlers } = closing((_req, _res, next) => next(new HttpProblem({ status: 413, extensions })));
    await using app = await host.serve(handlers, problemDetails());
    const upload = openUpload(app, "Transfer-Encoding: chunked");
    upload.socket.once("data", () => upload.socket.pause().resetAndDestroy());
    await eventually(() => responses.length === 1, "the server saw the client leave");
    assert.deepEqual(responses, [false]);
  });
});

// Each of these waits for the 5 s bound; how a host calls the handler does not matter here.
describe("the time that is given to a body", { concurrency: true }, () => {
  const serve = (handler: Handler): Promise<RunningServer> => listen(toListener(compose(handler), problemDetails()));
  const closesInTime = async (act: (upload: Upload) => void, ...head: string[]): Promise<Upload> => {
    await using app = await serve(refuse);
    // Without Node's own bound on idle connections.
    app.server.keepAliveTimeout = 0;
    let closed = false;
    app.server.once("connection", (socket) => socket.once("close", () => (closed = true)));
    const upload = openRequest(app, "POST", head, true);
    const start = performance.now();
    act(upload);
    await eventually(() => closed, "the connection is closed");
    upload.socket.destroy();
    assert.ok(performance.now() - start > 1_000, "the client had time to read the answer");
    assert.ok(hasResponse(upload), upload.received);
    return upload;
  };

  test("is bounded for a client that never stops sending", async () => {
    const { socket } = await closesInTime(sendForever, "Content-Length: 1073741824");
    assert.ok(socket.bytesWritten < 100_000_000, String(socket.bytesWritten));
  });

  test("is bounded for a client that stalls", async () => {
    await Promise.all([
      closesInTime(() => undefined, "Content-Length: 1073741824"),
      closesInTime(() => undefined, "Transfer-Encoding: chunked"),
    ]);
  });

  test("is bounded for a small body that never comes", async () => {
    const { received } = await closesInTime((upload) => void upload.socket.write("x"), "Content-Length: 100");
    assert.doesNotMatch(received, /Connection: close/);
  });

  test("is bounded when the client announced to close", async () => {
    await closesInTime(() => undefined, "Content-Length: 100", "Connection: close");
  });
});

test("a client that leaves in the middle of the upload harms nobody", async () => {
  let gone = false;
  const handler: Handler = (req, res, next) => {
    if (req.method === "GET") return void res.end("alive");
    req.once("close", () => (gone = true));
    next(tooLarge());
  };
  await using app = await listen(toListener(handler, problemDetails()));
  const upload = openUpload(app, "Content-Length: 1073741824");
  await eventually(() => hasResponse(upload), "the client has the whole answer");
  upload.socket.resetAndDestroy();
  await eventually(() => gone, "the server saw the client leave");
  assert.equal(await (await fetch(app.url)).text(), "alive");
});

test("an error that comes after the client has left ends quietly", async () => {
  let responded = false;
  const handler: Handler = (req, res, next) => {
    if (req.method === "GET") return void res.end("alive");
    req.once("close", () => {
      next(tooLarge());
      responded = res.writableEnded;
    });
    req.resume();
  };
  await using app = await listen(toListener(handler, problemDetails()));
  const upload = openUpload(app, "Content-Length: 1073741824");
  upload.socket.write("x", () => upload.socket.resetAndDestroy());
  await eventually(() => responded, "the error came and the answer ended at once");
  assert.equal(await (await fetch(app.url)).text(), "alive");
});
