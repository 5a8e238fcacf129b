import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Reports to systemd that a service with `Type=notify` is ready, if systemd has set `NOTIFY_SOCKET` (sd_notify(3)).
 *
 * Node has no datagram sockets of the family AF_UNIX, so the program `systemd-notify` sends the message. It is not the main process of the
 * service, so the unit needs `NotifyAccess=all`.
 *
 * @param env the environment variables of the process
 * @returns whether systemd waits for the message; rejects when it could not be sent
 */
export async function notifySystemd(env: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  if (env["NOTIFY_SOCKET"] === undefined) return false;
  await run("systemd-notify", ["--ready"], { env: { ...env } });
  return true;
}
