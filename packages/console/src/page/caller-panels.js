import { fillShare } from "./badges.js";
import { amount, count, none, rate, span } from "./format.js";

/** @typedef {import("../hub/frame.ts").Frame} Frame */
/** @template {readonly unknown[] | undefined} T @typedef {NonNullable<T>[number]} Row */
/** @template R @typedef {import("./tables.js").Panel<R>} Panel */

/** @type {Panel<Row<Frame["limits"]>>} */
export const limits = {
  id: "limits",
  title: "Rate limits",
  doc: "configuration.md#tiers",
  unit: "last 15 minutes",
  empty: "No decision in the last 15 minutes.",
  key: ({ policy }) => policy,
  columns: [
    { title: "Policy", isText: true, class: "name", value: ({ policy }) => policy },
    { title: "Allowed", value: ({ allowed }) => count(allowed) },
    { title: "Refused", value: ({ refused }) => count(refused), warn: ({ refused }) => refused > 0 },
    { title: "Dry run", hint: "would have been refused", value: ({ wouldRefuse }) => count(wouldRefuse) },
    {
      title: "Penalised",
      hint: "requests of clients under penalty",
      value: ({ penalised }) => count(penalised),
      warn: (row) => row.penalised > 0,
    },
    { title: "/s", value: (row) => rate(row.perSecond) },
  ],
};

/** @type {Panel<Row<Frame["principals"]>>} */
export const principals = {
  id: "principals",
  title: "Principals",
  doc: "keys.md",
  unit: "last 15 minutes",
  empty: "No authenticated request in the last 15 minutes.",
  key: ({ name }) => name,
  columns: [
    { title: "Principal", isText: true, class: "name", value: ({ name }) => name },
    { title: "Requests", value: ({ requests }) => count(requests) },
    { title: "/s", value: (row) => rate(row.perSecond) },
    { title: "Refused", value: ({ refused }) => count(refused), warn: ({ refused }) => refused > 0 },
    {
      title: "Used / limit",
      hint: "of the tightest rate limit, at the last request",
      class: "bar",
      value: ({ used, limit }) => (used === undefined || limit === undefined ? none : `${count(used)} / ${count(limit)}`),
      fill: ({ used, limit }, cell) => fillShare(cell, used, limit, `${count(used)} / ${count(limit)}`),
    },
    { title: "Tokens", value: ({ tokens }) => (tokens === 0 ? none : count(tokens)) },
  ],
};

/** @type {Panel<Row<Frame["budgets"]>>} */
export const budgets = {
  id: "budgets",
  title: "Budgets",
  doc: "configuration.md#budgets",
  unit: "of the caller that has used the most",
  empty: "No budget was used in the last 15 minutes.",
  key: ({ budget }) => budget,
  columns: [
    { title: "Budget", isText: true, class: "name", value: ({ budget }) => budget },
    { title: "Caller", isText: true, value: ({ principal }) => principal ?? none },
    {
      title: "Spent / limit",
      class: "bar",
      value: ({ spent, limit, unit }) => `${count(spent)} / ${amount(limit, unit)}`,
      fill: ({ spent, limit, unit }, cell) => fillShare(cell, spent, limit, `${count(spent)} / ${amount(limit, unit)}`),
    },
    { title: "Held", value: ({ held }) => count(held) },
    { title: "Refused", hint: "calls, in the last 15 minutes", value: ({ refused }) => count(refused), warn: ({ refused }) => refused > 0 },
    { title: "Resets in", value: ({ resetsAt }) => span((resetsAt - Date.now()) / 1_000) },
  ],
};
