import { once } from "node:events";
import { lstatSync, rmSync } from "node:fs";
import { connect, type Server } from "node:net";

/** To connect to a Unix socket is to write to it. */
const onlyThisUser = 0o177;

/**
 * Listens on a Unix socket to which only the user of this process may connect. A socket that a killed process has left behind, where
 * nothing listens any more, is replaced; a file that is no socket is not.
 *
 * @throws Error with `code` `EADDRINUSE` when another process listens there, and other codes of `listen()`
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  try {
    await listenMasked(server, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || !(await isAbandoned(path))) throw error;
    rmSync(path);
    await listenMasked(server, path);
  }
}

/** The socket is made by the call itself, so it never has another mode. */
async function listenMasked(server: Server, path: string): Promise<void> {
  const listening = once(server, "listening");
  const mask = process.umask(onlyThisUser);
  try {
    server.listen(path);
  } finally {
    process.umask(mask);
  }
  await listening;
}

/** A connection to a file that is no socket is refused too. */
async function isAbandoned(path: string): Promise<boolean> {
  if (!lstatSync(path).isSocket()) return false;
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
  } finally {
    socket.destroy();
  }
}
