import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

import type { Inspect, Verdict } from "../src/index.ts";

/** Asks a clamd by its command INSTREAM: pieces with their length before them, an empty one at the end, then its reply. */
export function clamd(port: number): Inspect {
  return () => {
    const socket = connect(port, "127.0.0.1");
    socket.write("zINSTREAM\0");
    const verdict = readVerdict(socket);
    verdict.catch(() => undefined);
    return {
      async chunk(bytes) {
        const size = Buffer.alloc(4);
        size.writeUInt32BE(bytes.length);
        socket.write(size);
        if (!socket.write(bytes)) await Promise.race([once(socket, "drain"), verdict]);
      },
      end() {
        socket.write(Buffer.alloc(4));
        return verdict;
      },
      abort: () => void socket.destroy(),
    };
  };
}

function readVerdict(socket: Socket): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    let reply = "";
    socket.setEncoding("latin1").on("data", (text: string) => (reply += text));
    socket.on("error", reject).on("close", () => {
      const finding = /^stream: (.+) FOUND\0$/.exec(reply)?.[1];
      if (finding !== undefined) resolve({ clean: false, finding });
      else if (reply === "stream: OK\0") resolve({ clean: true });
      else reject(new Error("the scanner gave no verdict"));
    });
  });
}

/** A server that speaks INSTREAM and finds one text. */
export function startScanner(needle: string): Promise<Server> {
  const server = createServer((socket) => {
    const received: Buffer[] = [];
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      received.push(chunk);
      const content = contentOf(Buffer.concat(received));
      if (content !== undefined) socket.end(content.includes(needle) ? "stream: Test.Needle FOUND\0" : "stream: OK\0");
    });
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** The content of a whole INSTREAM command, `undefined` while something of it is missing. */
function contentOf(bytes: Buffer): Buffer | undefined {
  const pieces: Buffer[] = [];
  let at = "zINSTREAM\0".length;
  while (bytes.length >= at + 4) {
    const size = bytes.readUInt32BE(at);
    if (size === 0) return Buffer.concat(pieces);
    pieces.push(bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return undefined;
}
