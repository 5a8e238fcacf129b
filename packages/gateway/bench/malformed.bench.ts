/**
 * 10,000 generated malformed requests over raw sockets: no crash, no 5xx of the gateway's own, an answer or a close in time, and no
 * memory kept. Ends with 1 when that does not hold. `node bench/malformed.bench.ts [count] [first seed]`
 */
import { apiKey, startGatewayProcess } from "./support/gateway-process.ts";
import { sendMalformed } from "./support/send-malformed.ts";
import { startService } from "./support/service.ts";
import { writeTable } from "./support/table.ts";

const [count = 10_000, firstSeed = 1] = process.argv.slice(2).map(Number);

await using service = await startService();
const env = { TWIN_URL: service.url, AGENT_CONTROLLER_URL: service.url, KNOWLEDGE_SYSTEM_URL: service.url };
await using gateway = await startGatewayProcess({ env });
const startedAt = performance.now();
const { statuses, problems } = await sendMalformed(gateway.port, apiKey, { count, firstSeed });
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
const unexpected = gateway.lines("unexpected error").length + gateway.lines("uncaught error, the process ends").length;
const lives = (await fetch(`${gateway.url}/livez`)).status === 200 && gateway.child.exitCode === null;

writeTable(
  ["answer", "times"],
  [...statuses].toSorted(([a], [b]) => a - b).map(([status, times]) => [status === 0 ? "closed" : String(status), String(times)]),
);
process.stdout.write(`${count} requests from seed ${firstSeed} in ${seconds} s; the gateway ${lives ? "lives" : "HAS DIED"}\n`);
process.stdout.write(`unexpected errors in its log: ${unexpected}; problems: ${problems.length}\n${problems.slice(0, 20).join("\n")}\n`);
process.exitCode = lives && unexpected === 0 && problems.length === 0 ? 0 : 1;
