import assert from "node:assert/strict";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { describe, test } from "node:test";

import { discardRest, type ErrorHandler, HttpProblem } from "@aivillage/middleware";
import { eventually, forEachHost, type RunningServer } from "@aivillage/testing";

import { bodyMemory, bodyMemoryExceeded, type BodyMemoryExceeded, type BodyMemoryOptions } from "../src/index.ts";

const large = 100_000;
const onError: ErrorHandler = (error, req, res, _next) => {
  const { status, type, headers } = HttpProblem.from(error);
  res.writeHead(status, { ...headers, Connection: "close" }).end(type);
  discardRest(req, res);
};
const client = ({ headers }: IncomingMessage): string => String(headers["x-client"]);

/** A response whose end the test decides. */
interface Waiting {
  readonly client: string;
  end(): void;
}

forEachHost((host) => {
  async function start(options: BodyMemoryOptions, use: (app: RunningServer, waiting: Waiting[]) => Promise<void>): Promise<void> {
    const waiting: Waiting[] = [];
    const memory = bodyMemory({ client, ...options });
    await using app = await host.serve(
      [
        memory(4 * large),
        (req, res) => {
          req.resume();
          if (req.headers["x-client"] === "quick") return void res.end("done");
          const wait = (): unknown => waiting.push({ client: client(req), end: () => void res.end("done") });
          if (req.headers["x-state"] === "read") req.on("end", wait);
          else wait();
        },
      ],
      onError,
    );
    await use(app, waiting).finally(() => waiting.forEach((each) => each.end()));
  }
  const post = (app: RunningServer, who: string, bytes = large): Promise<Response> =>
    fetch(app.url, { method: "POST", headers: { "x-client": who, connection: "close" }, body: "x".repeat(bytes) });

  describe("bodyMemory()", () => {
    test("a client that holds its share gets 429 until one of its responses has ended, and others are served", async () => {
      await start({ maxBytes: 4 * large, maxBytesPerClient: 2 * large }, async (app, waiting) => {
        const received: Omit<BodyMemoryExceeded, "req">[] = [];
        const unsubscribe = bodyMemoryExceeded.subscribe(({ req: _req, ...rest }) => received.push(rest));
        const held = [post(app, "ada"), post(app, "ada")];
        await eventually(() => waiting.length === 2, "two are held");
        const refused = await post(app, "ada");
        assert.deepEqual([refused.status, refused.headers.get("retry-after")], [429, "1"]);
        assert.deepEqual(received, [{ client: "ada", of: "client", bytes: large }]);
        unsubscribe();
        assert.equal((await post(app, "quick")).status, 200);
        const small = post(app, "ada", 10);
        await eventually(() => waiting.length === 3, "a small body is not counted");
        waiting[0]?.end();
        assert.equal((await held[0])?.status, 200);
        const next = post(app, "ada");
        await eventually(() => waiting.length === 4, "there is room for another one");
        for (const each of waiting) each.end();
        assert.deepEqual(
          (await Promise.all([held[1], small, next])).map((response) => response?.status),
          [200, 200, 200],
        );
      });
    });

    test("two clients that take all they may leave room for others", async () => {
      await start({ maxBytes: 16 * large }, async (app, waiting) => {
        const held: Promise<Response>[] = [];
        const fill = async (who: string, bodies: number): Promise<void> => {
          for (let body = 0; body < bodies; body += 1) held.push(post(app, who, 2 * large));
          await eventually(() => waiting.filter((each) => each.client === who).length === bodies, `the bodies of ${who} are held`);
          assert.equal((await post(app, who, 2 * large)).status, 429);
        };
        await fill("ada", 4);
        await fill("bob", 2);
        assert.equal((await post(app, "quick", 2 * large)).status, 200);
        for (const each of waiting) each.end();
        await Promise.all(held);
      });
    });

    test("a body of unknown length counts as the largest of its route until it has come, and then with its own", async () => {
      await start({ maxBytes: 8 * large, maxBytesPerClient: 8 * large }, async (app, waiting) => {
        const begin = (state: string) => {
          const headers = { "x-client": "ada", "x-state": state, "transfer-encoding": "chunked" };
          const sent = request(app.url, { method: "POST", headers }).on("error", () => undefined);
          sent.write("x");
          return sent.on("response", (response) => response.resume());
        };
        for (let count = 1; count <= 5; count += 1) {
          begin("read").end();
          await eventually(() => waiting.length === count, "it is held, and its body has come");
        }
        const unfinished = begin("begun");
        await eventually(() => waiting.length === 6, "there is room for one that is under way");
        assert.equal((await post(app, "ada", 3 * large)).status, 429);
        unfinished.end();
        await eventually(async () => (await post(app, "quick", 4 * large)).status === 200, "it has come too");
      });
    });

    test("when all bodies together reach the limit everyone gets 503, and again room when they have ended", async () => {
      await start({ maxBytes: 2 * large }, async (app, waiting) => {
        const held = [post(app, "ada"), post(app, "ben")];
        await eventually(() => waiting.length === 2, "two are held");
        const refused = await post(app, "quick");
        assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "1"]);
        for (const each of waiting) each.end();
        await Promise.all(held);
        await eventually(async () => (await post(app, "quick")).status === 200, "there is room again");
      });
    });

    test("a body beyond all limits is taken when nothing is held, as its route allows it", async () => {
      await start({ maxBytes: large, maxBytesPerClient: large }, async (app) => {
        assert.equal((await post(app, "quick", 3 * large)).status, 200);
      });
    });

    test("a client that leaves gives back its memory", async () => {
      await start({ maxBytes: 2 * large, maxBytesPerClient: large }, async (app, waiting) => {
        const leave = new AbortController();
        const left = fetch(app.url, { method: "POST", headers: { "x-client": "ada" }, body: "x".repeat(large), signal: leave.signal });
        await eventually(() => waiting.length === 1, "it is held");
        leave.abort();
        await assert.rejects(left);
        await eventually(async () => (await post(app, "quick", 2 * large)).status === 200, "its memory is free");
      });
    });

    test("a client that has left before it is counted takes nothing", async () => {
      const seen = { arrived: 0, left: 0 };
      const memory = bodyMemory({ client, maxBytes: 2 * large, maxBytesPerClient: large })(4 * large);
      await using app = await host.serve(
        [
          (req, res, next) => {
            if (req.headers["x-client"] === "quick") return next();
            seen.arrived += 1;
            res.once("close", () => {
              next();
              seen.left += 1;
            });
          },
          memory,
          (req, res) => {
            req.resume();
            if (!res.closed) res.end("done");
          },
        ],
        onError,
      );
      const upload = request(app.url, { method: "POST", headers: { "x-client": "leaving", "content-length": String(large) } });
      upload.on("error", () => undefined);
      upload.write("x");
      await eventually(() => seen.arrived === 1, "it has arrived");
      upload.destroy();
      await eventually(() => seen.left === 1, "it has left");
      assert.equal((await post(app, "quick", 2 * large)).status, 200);
    });

    test("a client that leaves while its request waits behind another one gives back its memory", async () => {
      await start({ maxBytes: 2 * large, maxBytesPerClient: 2 * large }, async (app, waiting) => {
        const socket = connect(app.port, "127.0.0.1");
        const head = `POST / HTTP/1.1\r\nHost: a\r\nX-Client: ada\r\nContent-Length: `;
        socket.write(`${head}1\r\n\r\nx${head}${large}\r\n\r\nx`);
        await eventually(() => waiting.length === 2, "both have arrived");
        socket.destroy();
        await eventually(async () => (await post(app, "quick", 2 * large)).status === 200, "its memory is free");
      });
    });

    test("a body of unknown length counts as the largest of its route", async () => {
      await start({ maxBytes: 5 * large, maxBytesPerClient: 5 * large }, async (app, waiting) => {
        const upload = request(app.url, { method: "POST", headers: { "x-client": "ada" } });
        upload.on("error", () => undefined);
        upload.write("x");
        await eventually(() => waiting.length === 1, "it is held");
        assert.equal((await post(app, "ada", 2 * large)).status, 429);
        upload.destroy();
      });
    });
  });
});

test("options are checked when it is made", () => {
  assert.throws(() => bodyMemory({ maxBytes: 0 }), /maxBytes/);
  assert.throws(() => bodyMemory({ maxBytesPerClient: 0.5 }), /maxBytesPerClient/);
  assert.throws(() => bodyMemory({ clinet: client } as BodyMemoryOptions), /clinet.*client/s);
});
