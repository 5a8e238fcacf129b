import { budgets, limits, principals } from "./caller-panels.js";
import { addPoints, hasTraffic, makeCharts, setPoints } from "./charts.js";
import { penalties, setToken } from "./clear-penalty.js";
import { connect } from "./connect.js";
import { byId, make, setChildren, setText } from "./dom.js";
import { bytes, duration } from "./format.js";
import { changes, models, processes, queues } from "./process-panels.js";
import { makeRefusals } from "./refusals.js";
import { linkDocs, makePanel, makeTable } from "./tables.js";
import { routes, upstreams } from "./traffic-panels.js";

/** @typedef {import("../hub/frame.ts").Frame} Frame */
/** @typedef {import("../hub/frame.ts").Hello} Hello */

/** @template R @param {import("./tables.js").Panel<R>} panel */
function addTable(panel) {
  const { elements, show } = makeTable(panel);
  const section = makePanel(panel, ...elements);
  byId("panels").append(section);
  /** A panel appears with its first data, and stays. @param {readonly R[] | undefined} rows */
  return (rows) => {
    if (rows !== undefined) section.hidden = false;
    show(rows ?? []);
  };
}

const traffic = makePanel({ id: "traffic", title: "Traffic", doc: "metrics.md", unit: "last 15 minutes" });
traffic.append(
  make("div", { class: "charts" }, ...makeCharts()),
  make("p", { class: "empty", id: "no-traffic" }, "No requests in the last 15 minutes."),
);
byId("panels").append(traffic);
const showRoutes = addTable(routes);
const showUpstreams = addTable(upstreams);
const refusals = makeRefusals();
const refusalPanel = makePanel(refusals.panel, ...refusals.elements);
byId("panels").append(refusalPanel);
const showLimits = addTable(limits);
const showPenalties = addTable(penalties);
const showPrincipals = addTable(principals);
const showBudgets = addTable(budgets);
const showModels = addTable(models);
const showQueues = addTable(queues);
const showChanges = addTable(changes);
const showProcesses = addTable(processes);

/** @type {Frame["changes"]} */
let known = [];

/** @param {Hello} hello */
function onHello({ token, title, docsUrl, points, slotMs, refusals: entries, changes: past }) {
  document.title = title;
  setToken(token);
  linkDocs(docsUrl);
  setPoints(points, slotMs);
  refusals.reset(entries, docsUrl);
  known = past;
}

/** @param {Frame} frame */
function onFrame(frame) {
  if (frame.points !== undefined) {
    traffic.hidden = false;
    addPoints(frame.points);
    byId("no-traffic").hidden = hasTraffic();
  }
  showRoutes(frame.routes);
  showUpstreams(frame.upstreams);
  refusals.add(frame.refusals, frame.at);
  if (!refusals.isEmpty) refusalPanel.hidden = false;
  showLimits(frame.limits);
  showPenalties(orNothing(frame.penalties?.map((penalty) => ({ ...penalty, canClear: frame.canClear }))));
  showPrincipals(frame.principals);
  showBudgets(frame.budgets);
  showModels(frame.models);
  showQueues(frame.queues);
  showAllChanges(frame);
  showProcesses(frame.processes);
  showHead(frame);
}

/** @param {Frame} frame */
function showAllChanges({ changes: news, noted = [] }) {
  known = [...known, ...news].slice(-100);
  const all = [...known, ...noted].sort((one, other) => other.at - one.at).slice(0, 100);
  showChanges(orNothing(all));
}

/** No rows are no data. @template R @param {readonly R[] | undefined} rows */
function orNothing(rows) {
  return rows?.length === 0 ? undefined : rows;
}

/** @param {Frame} frame */
function showHead({ facts = {}, processes: all, problems }) {
  const memory = all.reduce((sum, { rssBytes }) => sum + rssBytes, 0);
  const delay = Math.max(0, ...all.map(({ loopDelayMs }) => loopDelayMs.p99));
  const shown = { ...facts, processes: String(all.length), memory: bytes(memory), "loop delay p99": duration(delay) };
  const pairs = Object.entries(shown).map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)));
  setChildren(byId("facts"), pairs);
  const notice = byId("problems");
  notice.hidden = problems.length === 0;
  setText(notice, problems.join(" "));
}

void connect(onHello, onFrame);
