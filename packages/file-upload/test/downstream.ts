import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

import type { Handler } from "@aivillage/middleware";

import { getUpload, type Upload } from "../src/index.ts";

/** Sends the upload on to a service, and its answer with what is known of the upload back to the client. */
export function sendOn(url: string): Handler {
  return (req, res, next) => {
    const upload = getUpload(req);
    if (upload === undefined) return next();
    const { body, contentType, release } = upload;
    const outgoing = request(url, { method: "POST", headers: { "Content-Type": contentType } });
    const giveUp = (error: unknown): void => {
      outgoing.destroy();
      next(body.errored ?? error);
    };
    const respond = async (response: IncomingMessage): Promise<void> => {
      const downstream: unknown = JSON.parse(Buffer.concat(await response.toArray()).toString());
      res.statusCode = response.statusCode ?? 502;
      res.end(JSON.stringify({ downstream, completed: upload.completed }));
    };
    outgoing.once("response", (response) => void respond(response).catch(giveUp));
    pipeline(body, releasing(outgoing, release)).catch(giveUp);
  };
}

/** Gives each piece back once it has been written, as a proxy does that has no more use for it. */
function releasing(outgoing: ClientRequest, release: Upload["release"]): Writable {
  const sink = new Writable({
    write(piece: Buffer, _encoding, callback) {
      outgoing.write(piece, (error) => {
        release(piece);
        callback(error);
      });
    },
    final(callback) {
      outgoing.end();
      callback();
    },
    destroy(error, callback) {
      if (error !== null) outgoing.destroy();
      callback(error);
    },
  });
  outgoing.on("error", (error) => sink.destroy(error));
  return sink;
}
