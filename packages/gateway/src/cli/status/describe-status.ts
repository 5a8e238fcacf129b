import type { ShownReplica } from "../../admin/show-services.ts";
import type { Status } from "../../admin/show-status.ts";
import { printable, table } from "../table.ts";

/** The status of a gateway as tables for people. */
export function describeStatus(status: Status): string {
  const { processes, services, concurrency } = status;
  const slots = concurrency.length === 0 ? [] : [concurrencyTable(concurrency)];
  return [overview(status), processesTable(processes), servicesTable(services), ...slots].join("\n");
}

function overview({
  version,
  environment,
  uptime_seconds: uptime,
  health,
  limits,
  penalties,
  last_reload,
  silent_processes,
}: Status): string {
  const lines = [
    `AIVillage Gateway ${version} in ${environment}, up ${duration(uptime)}`,
    `Health: ${health ?? "not known"}`,
    `Limit: ${limits.requests} requests in ${limits.windowSeconds} s by ${limits.limitBy}, counted in ${limits.store}`,
    `Penalised clients: ${penalties}`,
    `Last reload: ${describeReload(last_reload)}`,
    ...(silent_processes > 0 ? [`Processes that do not reply: ${silent_processes}`] : []),
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

function describeReload(reload: Status["last_reload"]): string {
  if (reload === null) return "none";
  const { at, outcome, reason, changed, problems } = reload;
  const what = outcome === "failed" ? problems.join("; ") : `changed ${changed.join(", ") || "nothing"}`;
  return `${at} ${outcome} (${reason}): ${what}`;
}

function processesTable(processes: Status["processes"]): string {
  const head = ["PID", "UPTIME", "MEMORY", "LOOP P99", "CONNECTIONS", "REQUESTS", "STREAMS", "LOG LEVEL"];
  return table([head, ...processes.map(processCells)]);
}

function processCells(report: Status["processes"][number]): string[] {
  return [
    String(report.pid),
    duration(report.uptime_seconds),
    `${Math.round(report.memory.rss_bytes / 1_048_576)} MiB`,
    `${report.event_loop_delay_ms.p99} ms`,
    String(report.connections),
    String(report.requests_in_flight),
    String(report.open_streams),
    report.log_level?.toUpperCase() ?? "-",
  ];
}

function servicesTable(services: Status["services"]): string {
  const head = ["SERVICE", "STATUS", "BREAKER", "REPLICA", "PROBE", "TIME", "REQUESTS", "STATE"];
  const rows = Object.entries(services).flatMap(([name, { status = "unknown", breaker, replicas }]) =>
    replicas.map((replica, index) => [...(index === 0 ? [name, status, breaker] : ["", "", ""]), ...replicaCells(replica)]),
  );
  return table([head, ...rows]);
}

function replicaCells({ url, status = "unknown", error, response_time_ms: time, requests, ...states }: ShownReplica): string[] {
  const state = (["draining", "ejected", "failing"] as const).filter((name) => states[name]).join(", ");
  return [url, error ?? status, time === undefined ? "-" : `${time} ms`, String(requests), state === "" ? "in use" : state];
}

function concurrencyTable(concurrency: Status["concurrency"]): string {
  const rows = concurrency.map(({ limit, in_progress: running, waiting, slots }) => [
    limit,
    String(running),
    String(waiting),
    slots === null ? "by key" : String(slots),
  ]);
  return table([["LIMIT", "IN PROGRESS", "WAITING", "SLOTS"], ...rows]);
}

/** The two largest units. */
function duration(seconds: number): string {
  const units = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ] as const;
  const first = units.findIndex(([amount]) => amount > 0);
  const shown = first === -1 ? units.slice(-1) : units.slice(first, first + 2);
  return shown.map(([amount, unit]) => `${amount} ${unit}`).join(" ");
}
