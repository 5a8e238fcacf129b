import { badge, fillShare } from "./badges.js";
import { bytes, count, duration, percent, span, time } from "./format.js";

/** @typedef {import("../hub/frame.ts").Frame} Frame */
/** @template {readonly unknown[] | undefined} T @typedef {NonNullable<T>[number]} Row */
/** @template R @typedef {import("./tables.js").Panel<R>} Panel */

/** @type {Panel<Row<Frame["queues"]>>} */
export const queues = {
  id: "queues",
  title: "Concurrency and queue",
  doc: "configuration.md#concurrency",
  unit: "now, and last 15 minutes",
  empty: "No limit of concurrency is in use.",
  key: ({ limit }) => limit,
  columns: [
    { title: "Limit", isText: true, class: "name", value: ({ limit }) => limit },
    {
      title: "In flight / slots",
      class: "bar",
      value: ({ inFlight, size }) => `${count(inFlight)} / ${count(size)}`,
      fill: ({ inFlight, size }, cell) => fillShare(cell, inFlight, size, `${count(inFlight)} / ${count(size)}`),
    },
    { title: "Waiting", value: ({ waiting }) => count(waiting), warn: ({ waiting = 0 }) => waiting > 0 },
    { title: "Wait p95", value: ({ wait95 }) => duration(wait95) },
    { title: "Admitted", value: ({ admitted }) => count(admitted) },
    { title: "Refused", value: ({ refused }) => count(refused), warn: ({ refused }) => refused > 0 },
  ],
};

/** @type {Panel<Row<Frame["models"]>>} */
export const models = {
  id: "models",
  title: "Models",
  doc: "guides/ai-routes.md",
  unit: "last 15 minutes",
  empty: "No call in the last 15 minutes.",
  key: ({ model }) => model,
  columns: [
    { title: "Model", isText: true, class: "name", value: ({ model }) => model },
    { title: "Calls", value: ({ calls }) => count(calls) },
    { title: "Failed", value: ({ failed, calls }) => percent(failed, calls), warn: ({ failed }) => failed > 0 },
    { title: "First token p50", value: ({ firstToken50 }) => duration(firstToken50) },
    { title: "p95", value: ({ firstToken95 }) => duration(firstToken95) },
    { title: "Tokens in", value: ({ input }) => count(input) },
    { title: "Tokens out", value: ({ output }) => count(output) },
  ],
};

/** @type {Panel<NonNullable<Frame["noted"]>[number]>} */
export const changes = {
  id: "changes",
  title: "Changes",
  doc: "events.md",
  empty: "Nothing has changed since the start.",
  key: ({ at, text }) => `${at} ${text}`,
  columns: [
    { title: "Time", isText: true, class: "time", value: ({ at }) => time(at) },
    {
      title: "About",
      isText: true,
      value: ({ kind, mood }) => `${kind} ${mood}`,
      fill: ({ kind, mood }, cell) => cell.append(badge(mood, kind)),
    },
    { title: "What", isText: true, class: "wide", value: ({ text }) => text },
  ],
};

/** @type {Panel<Row<Frame["processes"]>>} */
export const processes = {
  id: "processes",
  title: "Processes",
  doc: "operations.md#workers",
  unit: "now",
  empty: "No process has reported.",
  key: ({ worker, pid }) => `${worker}:${pid}`,
  columns: [
    {
      title: "Process",
      isText: true,
      class: "name",
      value: ({ worker, pid }) => (worker === 0 ? `pid ${pid}` : `worker ${worker}, pid ${pid}`),
    },
    { title: "Up for", value: ({ uptimeSeconds }) => span(uptimeSeconds) },
    { title: "Memory", hint: "resident set", value: ({ rssBytes }) => bytes(rssBytes) },
    { title: "Heap", value: ({ heapUsedBytes }) => bytes(heapUsedBytes) },
    { title: "Loop delay p50", value: ({ loopDelayMs }) => duration(loopDelayMs.p50) },
    { title: "p99", value: ({ loopDelayMs }) => duration(loopDelayMs.p99), warn: ({ loopDelayMs }) => loopDelayMs.p99 > 100 },
  ],
};
