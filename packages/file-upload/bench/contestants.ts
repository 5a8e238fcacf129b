import { createHash, randomUUID } from "node:crypto";
import { Agent, type IncomingMessage, request, type RequestListener, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import busboy from "busboy";

import { fileUpload, getUpload, type Upload } from "../src/index.ts";

/** What is measured, and the service behind it. Each runs in a process of its own. */
export const contestants: Readonly<Record<string, (target: string) => RequestListener>> = { upstream, pipe, byHand, ours, freed };

const agent = new Agent({ keepAlive: true });

/** Reads everything and tells how much it was. */
function upstream(): RequestListener {
  return (req, res) => {
    let bytes = 0;
    req.on("data", (chunk: Buffer) => (bytes += chunk.length)).on("end", () => res.end(String(bytes)));
  };
}

function sendOn(target: string, body: Readable, contentType: string, res: ServerResponse): void {
  const outgoing = request(target, { method: "POST", agent, headers: { "Content-Type": contentType } });
  outgoing.on("response", (response: IncomingMessage) => response.pipe(res));
  pipeline(body, outgoing).catch(() => res.destroy());
}

/** Nothing is looked at: the least that it can cost. */
function pipe(target: string): RequestListener {
  return (req, res) => sendOn(target, req, req.headers["content-type"] ?? "", res);
}

/** What people write: busboy, the first bytes, a digest, the part written anew. None of the other limits. */
function byHand(target: string): RequestListener {
  return (req, res) => {
    const parser = busboy({ headers: req.headers });
    parser.on("file", (field, content: Readable, { filename }) => {
      const boundary = randomUUID();
      async function* encode(): AsyncGenerator<Buffer> {
        const hash = createHash("sha256");
        yield Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${filename}"\r\n\r\n`);
        for await (const piece of content as AsyncIterable<Buffer>) {
          hash.update(piece);
          yield piece;
        }
        hash.digest("hex");
        yield Buffer.from(`\r\n--${boundary}--\r\n`);
      }
      sendOn(target, Readable.from(encode(), { objectMode: false }), `multipart/form-data; boundary=${boundary}`, res);
    });
    req.pipe(parser);
  };
}

function ours(target: string): RequestListener {
  const upload = fileUpload({ fileBytes: 2 ** 31 });
  return (req, res) =>
    upload(req, res, () => {
      const checked = getUpload(req);
      if (checked === undefined) res.destroy();
      else sendOn(target, checked.body, checked.contentType, res);
    });
}

/** The same, but each piece is given back as soon as it is written. */
function freed(target: string): RequestListener {
  const upload = fileUpload({ fileBytes: 2 ** 31 });
  return (req, res) =>
    upload(req, res, () => {
      const checked = getUpload(req);
      if (checked === undefined) res.destroy();
      else sendAndFree(target, checked, res);
    });
}

function sendAndFree(target: string, { body, contentType, release }: Upload, res: ServerResponse): void {
  const outgoing = request(target, { method: "POST", agent, headers: { "Content-Type": contentType } });
  outgoing.on("response", (response: IncomingMessage) => response.pipe(res)).on("error", () => res.destroy());
  outgoing.on("drain", () => body.resume());
  body.on("data", (piece: Buffer) => {
    if (!outgoing.write(piece, () => release(piece))) body.pause();
  });
  body.on("end", () => outgoing.end()).on("error", () => outgoing.destroy());
}
