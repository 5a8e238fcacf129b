export { type Downstream, type ReceivedRequest, type Script, startDownstream } from "./downstream.ts";
export { type CodeBlock, codeBlocks, tableRows } from "./code-blocks.ts";
export { forEachHost, type Host, type RunningServer } from "./hosts.ts";
export { listen } from "./listen.ts";
export { rawRequest } from "./raw-request.ts";
export { needsRedis, type RunningRedis, startRedis } from "./redis-server.ts";
export { runProgram, type RunningProgram } from "./run-program.ts";
export { waitUntil } from "./wait-until.ts";
export { publishedPackages, readFromRoot, root, type WorkspacePackage, workspacePackages } from "./workspace.ts";
