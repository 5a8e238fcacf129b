import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Readable } from "node:stream";

import type { UploadSettings } from "./options.ts";

/**
 * Makes what frees a chunk of a body that has been written.
 *
 * The collector looks at the whole heap of the process for every 32 MiB of buffers, dead or not; that costs more than all the rest of an
 * upload but its digest. A chunk is only freed when nobody else can hold its memory: it is all of it, it was made by the parser of a
 * real connection for this request alone, and any other listener of the request or the body has it too.
 */
export function makeRelease(req: IncomingMessage, body: Readable, { inspect }: Pick<UploadSettings, "inspect">): (chunk: Buffer) => void {
  const isOurs = inspect === undefined && req instanceof IncomingMessage && req.socket instanceof Socket;

  return function release(chunk) {
    const { buffer } = chunk;
    if (!isOurs || !(buffer instanceof ArrayBuffer) || buffer.byteLength !== chunk.byteLength) return;
    if (req.listenerCount("data") > 1 || body.listenerCount("data") > 1) return;
    buffer.transfer(0);
  };
}
