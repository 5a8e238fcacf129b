// The primary of a process manager, such as pm2 in its cluster mode: it runs the gateway as a worker, and answers nothing. Argument: the program.
import cluster from "node:cluster";

const [program = ""] = process.argv.slice(2);
cluster.setupPrimary({ exec: program, args: ["start"] });
const worker = cluster.fork();
process.once("SIGTERM", () => void worker.process.kill("SIGTERM"));
worker.once("exit", (code) => process.exit(code));
