import { connect } from "node:net";

/** Only distinguishes a hang from a slow machine. */
const hangMs = 60_000;

/** Whether the client asks the server to close the connection after its response: its end is then an event. */
function endsByItself(bytes: string | Buffer): boolean {
  const text = typeof bytes === "string" ? bytes : bytes.toString("latin1", 0, 65_536);
  return /^connection: close\r$|^\S+ \S+ HTTP\/1\.0\r$/im.test(text);
}

/**
 * Sends exactly these bytes and resolves to everything that comes back until the server closes, or until `quietMs` pass after its
 * last byte: by default 60000 when the request asks the server to close the connection, otherwise 300. The first byte may take
 * `firstMs`, for a busy machine (default 60000).
 */
export function rawRequest(
  port: number,
  bytes: string | Buffer,
  quietMs = endsByItself(bytes) ? hangMs : 300,
  firstMs = hangMs,
): Promise<string> {
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
