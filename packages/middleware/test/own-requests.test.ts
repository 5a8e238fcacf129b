import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import { compose, event, type Handler, ownRequests, toListener } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";

const greeted = event<{ req: IncomingMessage }>("aivillage:middleware-test:greeted");

const greet: Handler = (req, res) => {
  greeted.publish({ req });
  res.end("hello");
};

test("each app receives the events of its own requests, until it unsubscribes", async (t) => {
  const received: string[] = [];
  const apps = await Promise.all(
    ["one", "other"].map(async (name) => {
      const own = ownRequests();
      const stop = own.subscribe(
        greeted,
        ({ req }) => void received.push(`${name} ${req.url}`),
        ({ req }) => assert.ok(own.owns(req)),
      );
      const { server, url } = await listen(toListener(compose(own.mark, greet)));
      t.after(() => server.close());
      return { url, stop };
    }),
  );
  const unmarked = await listen(toListener(greet));
  t.after(() => unmarked.server.close());
  for (const { url } of [...apps, unmarked]) await (await fetch(new URL("/a", url))).text();
  assert.deepEqual(received, ["one /a", "other /a"]);
  apps[0]?.stop();
  for (const { url } of apps) await (await fetch(new URL("/b", url))).text();
  assert.deepEqual(received, ["one /a", "other /a", "other /b"]);
});

test("a request belongs to the app that marked it last", () => {
  const [outer, inner] = [ownRequests(), ownRequests()];
  const req = {} as IncomingMessage;
  for (const { mark } of [outer, inner]) mark(req, {} as never, () => undefined);
  assert.deepEqual([outer.owns(req), inner.owns(req)], [false, true]);
});
