// Sends a file on while it comes: type by its first bytes, digest on the way, multipart written anew. For both hand-made stacks.
import { createHash, randomUUID } from "node:crypto";

import { Pool, request } from "undici";

import { upstream } from "./setting.mjs";

const pool = new Pool(upstream);

/** @returns {Promise<{ status: number, body: string }>} what the upstream answered, or 415 */
export async function forwardUpload({ field, filename, content }) {
  const pieces = content[Symbol.asyncIterator]();
  const { value: head = Buffer.alloc(0) } = await pieces.next();
  if (head.subarray(0, 5).toString("latin1") !== "%PDF-") {
    content.resume();
    return { status: 415, body: '{"error":"only PDF files are taken"}' };
  }
  const boundary = randomUUID();
  const hash = createHash("sha256");
  async function* encode() {
    yield Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${filename.replaceAll(/[^\w.-]/g, "_")}"\r\nContent-Type: application/pdf\r\n\r\n`,
    );
    for (let piece = { value: head, done: false }; !piece.done; piece = await pieces.next()) {
      hash.update(piece.value);
      yield piece.value;
    }
    hash.digest("hex");
    yield Buffer.from(`\r\n--${boundary}--\r\n`);
  }
  const answer = await request(`${upstream}/v1/upload`, {
    dispatcher: pool,
    method: "POST",
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
    body: encode(),
  });
  return { status: answer.statusCode, body: await answer.body.text() };
}
