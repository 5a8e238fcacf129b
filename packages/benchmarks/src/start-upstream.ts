import { start } from "./child.ts";
import { folders } from "./folders.ts";
import type { UpstreamPorts } from "./upstream.ts";

/** Starts the upstream services of the contestants in their own process. */
export async function startUpstream(): Promise<{ ports: UpstreamPorts; stop: () => Promise<void> }> {
  const child = start(process.execPath, [folders.upstreamProgram], {}, "ipc");
  const ports = await new Promise<UpstreamPorts>((resolve, reject) => {
    child.process.once("message", (message) => resolve(message as UpstreamPorts));
    void child.ended.then(() => reject(new Error(`the upstream did not start: ${child.complaints()}`)));
  });
  return { ports, stop: () => child.stop() };
}
