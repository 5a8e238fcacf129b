// oxlint-disable no-underscore-dangle -- stream implementations override methods with these names
import type { Socket } from "node:net";

type Done = (error?: Error | null) => void;

/** How long a connection whose writes have failed stays open while it receives nothing. */
const silenceMs = 5_000;

/**
 * Lets a connection be read to its end after a write to it has failed.
 *
 * A target may respond and close before it has read the request, as with 401 or 413. The next write then fails with EPIPE or
 * ECONNRESET, and Node destroys the socket while the response is still in its receive buffer. With this function, such a failure ends
 * only the writing side: it accepts no more, so back-pressure stops the sender, and reading continues until the end or an error.
 */
export function outliveFailedWrites(socket: Socket): void {
  const write = socket._write.bind(socket);
  const writeSeveral = socket._writev?.bind(socket);
  // A stream writes one thing at a time, so one callback is enough for all writes.
  let done: Done = () => undefined;
  const written = (error?: Error | null): void => {
    if (isBrokenConnection(error) && !socket.destroyed) destroyWhenSilent(socket, error);
    else done(error);
  };
  socket._write = (chunk, encoding, callback) => {
    done = callback;
    write(chunk, encoding, written);
  };
  if (writeSeveral === undefined) return;
  socket._writev = (chunks, callback) => {
    done = callback;
    writeSeveral(chunks, written);
  };
}

function isBrokenConnection(error: (Error & { code?: string }) | null | undefined): error is Error {
  return error?.code === "EPIPE" || error?.code === "ECONNRESET";
}

/** The system usually reports the end at once. Otherwise, or if a slow client leaves bytes unread, this waits. */
function destroyWhenSilent(socket: Socket, reason: Error): void {
  let { bytesRead } = socket;
  const check = (): void => {
    if (socket.readableLength === 0 && socket.bytesRead === bytesRead) return void socket.destroy(reason);
    ({ bytesRead } = socket);
    timer.refresh();
  };
  const timer = setTimeout(check, silenceMs).unref();
  socket.once("close", () => clearTimeout(timer));
}
