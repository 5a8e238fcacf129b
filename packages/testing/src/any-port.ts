// Loaded before an example program: its servers listen on a free loopback port, which the parent process learns.
import cluster from "node:cluster";
import { type AddressInfo, Server } from "node:net";

const listen = Reflect.get(Server.prototype, "listen") as (this: Server, options: object, listening?: () => void) => Server;

Server.prototype.listen = function listenAnywhere(this: Server, ...args: unknown[]): Server {
  const listening = args.find((argument): argument is () => void => typeof argument === "function");
  this.once("listening", () => process.send?.((this.address() as AddressInfo).port));
  return listen.call(this, { port: 0, host: "127.0.0.1" }, listening);
};
// A worker waits for its primary's word on this channel before it listens, and would end if nothing else kept it alive.
if (cluster.isPrimary) process.channel?.unref();
