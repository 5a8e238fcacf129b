import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

/** A server that sends every message of a WebSocket back (RFC 6455), as far as tests need it. */
export interface WebSocketServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: IncomingMessage[];
  readonly sockets: Duplex[];
}

const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export async function webSocketServer(): Promise<WebSocketServer> {
  const requests: IncomingMessage[] = [];
  const sockets: Duplex[] = [];
  const server = createServer((_req, res) => res.writeHead(426).end());
  server.on("upgrade", (req, socket, head) => {
    requests.push(req);
    sockets.push(socket);
    const accept = createHash("sha1").update(`${req.headers["sec-websocket-key"]}${guid}`).digest("base64");
    const protocol = req.headers["sec-websocket-protocol"]?.split(",")[0];
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Powered-By: secret\r\n" +
        `Sec-WebSocket-Accept: ${accept}\r\n${protocol === undefined ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`}\r\n`,
    );
    echo(socket, head);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    sockets,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await closed;
    },
  };
}

function echo(socket: Duplex, head: Buffer): void {
  let unread: Buffer = head;
  const take = (chunk: Buffer): void => {
    unread = Buffer.concat([unread, chunk]);
    for (let frame = readFrame(unread); frame !== undefined; frame = readFrame(unread)) {
      unread = unread.subarray(frame.size);
      respond(socket, frame.opcode, frame.payload);
    }
  };
  socket
    .on("error", () => undefined)
    .on("data", take)
    .on("end", () => socket.end());
  take(Buffer.alloc(0));
}

function respond(socket: Duplex, opcode: number, payload: Buffer): void {
  if (opcode === opcodes.ping) socket.write(frameOf(opcodes.pong, payload));
  else if (opcode === opcodes.close) socket.end(frameOf(opcodes.close, payload));
  else socket.write(frameOf(opcode, payload));
}

/** One frame of a client, which is always masked; `undefined` while it is incomplete. */
function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; size: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const start = 2 + lengthBytes + 4;
  if (bytes.length < start) return undefined;
  const length = lengthBytes === 0 ? short : lengthBytes === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < start + length) return undefined;
  const mask = bytes.subarray(start - 4, start);
  const payload = Buffer.from(bytes.subarray(start, start + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
  return { opcode: bytes.readUInt8(0) & 0x0f, payload, size: start + length };
}

function frameOf(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head.writeUInt8(0x80 | opcode, 0);
  head.writeUInt8(length < 126 ? length : length < 65_536 ? 126 : 127, 1);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}
