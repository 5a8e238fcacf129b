import { execFile } from "node:child_process";

import type { Variables } from "../config/loader/environment.ts";
import type { GatewayLogger } from "../dependencies.ts";

/**
 * Reports to systemd that a service with `Type=notify` is ready, if systemd has set `NOTIFY_SOCKET`.
 *
 * Node has no datagram sockets of the family AF_UNIX, so the program `systemd-notify` sends the message. It is not the main process of the
 * service, so the unit needs `NotifyAccess=all`.
 */
export function notifySystemd(env: Variables = {}, logger: GatewayLogger): void {
  if (env["NOTIFY_SOCKET"] === undefined) return;
  execFile("systemd-notify", ["--ready"], { env: { ...env } }, (error) => {
    if (error !== null) logger.error({ err: error }, "systemd not notified");
  });
}
