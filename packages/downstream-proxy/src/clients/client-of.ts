import type { IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";

/** The options that identify a client. */
export interface ClientSettings {
  readonly client: ((req: IncomingMessage) => string | undefined) | undefined;
  readonly clientIp: ((req: IncomingMessage) => string | undefined) | undefined;
}

/** The client that sent a request: as the option `client` names it, otherwise the network of its address. */
export type ClientOf = (req: IncomingMessage) => string;

export function prepareClientOf({ client, clientIp }: ClientSettings): ClientOf {
  return (req) => client?.(req) ?? networkOf(clientIp?.(req) ?? req.socket.remoteAddress ?? "");
}

/** An IPv6 address as its /56, which is what a provider gives one customer; any other as it is. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  if (/^::ffff:\d+\./i.test(address)) return address.slice(7);
  const [head = "", tail] = address.split("::", 2);
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  while (groups.length + rest.length < 8) groups.push("0");
  const [a = 0, b = 0, c = 0, d = 0] = [...groups, ...rest].map((group) => Number.parseInt(group, 16));
  return `${[a, b, c, d & 0xff_00].map((group) => group.toString(16)).join(":")}::/56`;
}
