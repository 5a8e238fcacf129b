import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";

import { UploadBody } from "../src/upload-body.ts";

const listener = { requested: (): void => undefined, ended: (): void => undefined, closed: (): void => undefined };

test("what waits for the consumer in small chunks comes out in a few chunks, and whole", async () => {
  const body = new UploadBody(listener);
  const sent = createHash("sha256");
  for (let i = 0; i < 200_000; i += 1) {
    const piece = Buffer.from([i & 0xff]);
    sent.update(piece);
    body.write(piece);
  }
  body.complete();
  const taken = createHash("sha256");
  let pieces = 0;
  body.on("data", (piece: Buffer) => {
    pieces += 1;
    taken.update(piece);
  });
  await once(body, "end");
  assert.ok(pieces < 64, `${pieces} pieces`);
  assert.equal(taken.digest("hex"), sent.digest("hex"));
});
