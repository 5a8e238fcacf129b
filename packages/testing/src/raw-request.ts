import { connect } from "node:net";

/**
 * Sends exactly these bytes and resolves to everything that comes back until the server closes, or until `quietMs` (default
 * 300) pass without a byte.
 */
export function rawRequest(port: number, bytes: string | Buffer, quietMs = 300): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    const done = (): void => {
      socket.destroy();
      resolve(Buffer.concat(chunks).toString("latin1"));
    };
    socket.setTimeout(quietMs, done);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", done);
    socket.on("error", (error) => (chunks.length > 0 ? done() : reject(error)));
  });
}
