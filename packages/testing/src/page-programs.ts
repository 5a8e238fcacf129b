// Runs programs one after another, asks each that serves for `/`, and reports the outcomes to the parent process.
import { readFileSync } from "node:fs";
import { Server as HttpServer } from "node:http";
import { type AddressInfo, Server } from "node:net";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";

/** What became of a program: a status below 500, or 0 for one that does not serve, is good; 599 is for one that threw. */
export interface Outcome {
  readonly file: string;
  readonly status: number;
  readonly text: string;
}

const servers: Server[] = [];
let firstListens = Promise.withResolvers<number>();
const listen = Reflect.get(Server.prototype, "listen") as (this: Server, options: object, listening?: () => void) => Server;

Server.prototype.listen = function listenAnywhere(this: Server, ...args: unknown[]): Server {
  const listening = args.find((argument): argument is () => void => typeof argument === "function");
  servers.push(this);
  this.once("listening", () => firstListens.resolve((this.address() as AddressInfo).port));
  return listen.call(this, { port: 0, host: "127.0.0.1" }, listening);
};

async function run(file: string): Promise<Outcome> {
  firstListens = Promise.withResolvers();
  await import(pathToFileURL(file).href);
  if (!readFileSync(file, "utf8").includes("listen(")) return { file, status: 0, text: "" };
  const response = await fetch(`http://127.0.0.1:${await firstListens.promise}/`);
  return { file, status: response.status, text: await response.text() };
}

function closeServers(): void {
  for (const server of servers.splice(0)) {
    server.close();
    if (server instanceof HttpServer) server.closeAllConnections();
  }
}

for (const file of process.argv.slice(2)) {
  const outcome = await run(file).catch((error: unknown) => ({ file, status: 599, text: inspect(error) }));
  closeServers();
  process.send?.(outcome);
}
// What a program has started, such as timers, goes on otherwise.
process.disconnect();
process.exit(0);
