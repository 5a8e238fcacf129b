import { setting } from "./setting.ts";

/** Where the operator's own listener is, which is off unless a port or a socket is set. */
export const adminSettings = {
  host: setting("ADMIN_HOST", "host", "127.0.0.1", "Address of the admin listener; elsewhere than on loopback reading needs a key too"),
  port: setting("ADMIN_PORT", "port-number", 0, "TCP port of the admin listener; 0: off"),
  anonymise: setting(
    "ADMIN_ANONYMISE",
    "boolean",
    false,
    "Whether the console shortens addresses of clients, to /24 for IPv4 and /48 for IPv6",
  ),
  socket: setting("ADMIN_SOCKET", "socket-path", "", "Unix socket of the admin listener instead, which this user alone may open"),
};
