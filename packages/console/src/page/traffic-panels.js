import { badge } from "./badges.js";
import { make } from "./dom.js";
import { count, duration, percent, rate } from "./format.js";

/** @typedef {import("../hub/frame.ts").Frame} Frame */
/** @template {readonly unknown[] | undefined} T @typedef {NonNullable<T>[number]} Row */
/** @template R @typedef {import("./tables.js").Panel<R>} Panel */

/** @type {Panel<Row<Frame["routes"]>>} */
export const routes = {
  id: "routes",
  title: "Routes",
  doc: "metrics.md",
  unit: "last 15 minutes",
  empty: "No requests in the last 15 minutes.",
  key: ({ method, route }) => `${method} ${route}`,
  columns: [
    { title: "Route", isText: true, class: "name", value: ({ method, route }) => `${method} ${route}` },
    { title: "Requests", value: ({ requests }) => count(requests) },
    { title: "/s", hint: "per second, in the last 10 seconds", value: (row) => rate(row.perSecond) },
    { title: "p50", value: ({ p50 }) => duration(p50) },
    { title: "p95", value: ({ p95 }) => duration(p95) },
    { title: "p99", value: ({ p99 }) => duration(p99) },
    { title: "4xx", value: ({ refused, requests }) => percent(refused, requests), warn: ({ refused }) => refused > 0 },
    { title: "5xx", value: ({ failed, requests }) => percent(failed, requests), warn: ({ failed }) => failed > 0 },
  ],
};

/** @type {Panel<Row<Frame["upstreams"]>>} */
export const upstreams = {
  id: "upstreams",
  title: "Upstreams",
  doc: "operations.md#when-a-circuit-breaker-opens",
  unit: "last 15 minutes",
  empty: "No upstream was used in the last 15 minutes.",
  key: ({ name }) => name,
  columns: [
    {
      title: "Upstream",
      isText: true,
      class: "name",
      value: (upstream) => JSON.stringify([upstream.name, upstream.replicas]),
      fill: fillUpstream,
    },
    { title: "State", isText: true, value: ({ health, breaker }) => `${health} ${breaker}`, fill: fillState },
    { title: "In flight", value: ({ inFlight }) => count(inFlight) },
    { title: "/s", hint: "attempts per second, in the last 10 seconds", value: (row) => rate(row.perSecond) },
    { title: "First byte p50", value: ({ p50 }) => duration(p50) },
    { title: "p95", value: ({ p95 }) => duration(p95) },
    { title: "Failed", value: ({ failed, attempts }) => percent(failed, attempts), warn: ({ failed }) => failed > 0 },
  ],
};

/** @param {Row<Frame["upstreams"]>} upstream @param {HTMLElement} cell */
function fillUpstream({ name, replicas }, cell) {
  cell.append(name);
  for (const replica of replicas) {
    // Of a single replica the row of the upstream says the same.
    const facts = [
      ...(replica.inFlight === undefined || replicas.length === 1 ? [] : [`${count(replica.inFlight)} in flight`]),
      `${count(replica.attempts)} attempts`,
      ...(replica.failed > 0 ? [`${count(replica.failed)} failed`] : []),
    ];
    cell.append(
      make("span", { class: "replica" }, stateOf(replica), ` ${replica.origin} `, make("span", { class: "soft" }, facts.join(", "))),
    );
  }
}

/** @param {Row<Frame["upstreams"]>["replicas"][number]} replica */
function stateOf({ ejected, draining, failing, health }) {
  if (draining === true) return badge("neutral", "draining");
  if (ejected === true) return badge("bad", "ejected");
  if (health === "unhealthy") return badge("bad", "down");
  return failing === true ? badge("neutral", "failing") : badge("good", "up");
}

/** @param {Row<Frame["upstreams"]>} upstream @param {HTMLElement} cell */
function fillState({ health, breaker }, cell) {
  if (health !== undefined)
    cell.append(make("div", {}, badge(health === "healthy" ? "good" : health === "unhealthy" ? "bad" : "neutral", health)));
  if (breaker === undefined) return;
  const mood = breaker === "closed" ? "good" : breaker === "open" ? "bad" : "neutral";
  cell.append(make("div", {}, badge(mood, `breaker ${breaker}`)));
}
