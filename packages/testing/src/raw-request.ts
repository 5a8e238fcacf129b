import { connect } from "node:net";

/**
 * Sends exactly these bytes and resolves to everything that comes back until the server closes, or until `quietMs` (default
 * 300) pass after its last byte. The first one may take `firstMs`, for a busy machine (default 10000).
 */
export function rawRequest(port: number, bytes: string | Buffer, quietMs = 300, firstMs = 10_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const done = (): void => {
      socket.destroy();
      resolve(Buffer.concat(chunks).toString("latin1"));
    };
    socket.setTimeout(firstMs, done);
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      socket.setTimeout(quietMs);
    });
    socket.on("end", done);
    socket.on("error", (error) => (chunks.length > 0 ? done() : reject(error)));
  });
}
