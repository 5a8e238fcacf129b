import { badge } from "./badges.js";
import { announce, make, setText } from "./dom.js";
import { none, time } from "./format.js";
import { makeTable } from "./tables.js";

/** @typedef {import("../hub/frame.ts").Frame["refusals"][number]} Refusal */

const keptMs = 15 * 60_000;
const mostKept = 200;

/** @type {Map<string, Refusal>} */
let kept = new Map();

/** @type {import("./tables.js").Panel<Refusal>} */
const panel = {
  id: "refusals",
  title: "Refusals",
  doc: "http-api.md#errors",
  unit: "last 15 minutes, 200 at most",
  empty: "No refusals in the last 15 minutes.",
  key: ({ id }) => id,
  columns: [
    { title: "Time", isText: true, class: "time", value: ({ at }) => time(at) },
    { title: "Status", value: ({ status }) => (status === undefined ? none : String(status)) },
    {
      title: "By",
      isText: true,
      value: ({ by }) => by,
      fill: ({ by }, cell) => cell.append(badge(by === "error" || by === "upstream" ? "bad" : "neutral", by)),
    },
    { title: "Reason", isText: true, class: "wide", value: ({ reason, problem }) => `${reason} ${problem}`, fill: fillReason },
    { title: "Policy", isText: true, isOptional: true, value: ({ policy }) => policy ?? none },
    {
      title: "Request",
      isText: true,
      class: "wide",
      value: ({ method, path, userAgent }) => `${method} ${path} ${userAgent}`,
      fill: fillRequest,
    },
    {
      title: "Client",
      isText: true,
      value: ({ client, principal }) => [principal, client].filter((text) => text !== undefined).join(" ") || none,
    },
    { title: "Request id", isText: true, isOptional: true, class: "id", value: ({ requestId }) => requestId ?? none, fill: fillId },
  ],
};

let docsUrl = "";

/** @param {Refusal} refusal @param {HTMLElement} cell */
function fillReason({ reason, problem }, cell) {
  cell.append(reason);
  if (problem === undefined || !/^[\w-]+$/.test(problem) || docsUrl === "") return;
  cell.append(" ", make("a", { class: "soft", href: `${docsUrl}problems/${problem}.md`, target: "_blank", rel: "noreferrer" }, problem));
}

/** @param {Refusal} refusal @param {HTMLElement} cell */
function fillRequest({ method, path, userAgent }, cell) {
  cell.append(`${method} ${path}`);
  if (userAgent !== undefined) cell.append(make("span", { class: "agent soft" }, userAgent));
}

/** @param {Refusal} refusal @param {HTMLElement} cell */
function fillId({ requestId }, cell) {
  if (requestId === undefined) {
    cell.append(none);
    return;
  }
  const copy = make("button", { type: "button", class: "copy quiet", "aria-label": `Copy request id ${requestId}` }, "Copy");
  copy.addEventListener("click", () => void copyText(requestId, copy));
  cell.append(make("code", {}, requestId), " ", copy);
}

/** @param {string} text @param {HTMLElement} button */
async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    setText(button, "Copied");
    announce("Request id copied");
  } catch {
    // Without TLS or permission a browser lets no page write to the clipboard.
    const code = button.previousElementSibling ?? button;
    getSelection()?.selectAllChildren(code);
    setText(button, "Selected");
  }
  setTimeout(() => setText(button, "Copy"), 2_000);
}

/** Makes the list of refusals with its filter. */
export function makeRefusals() {
  const { elements, show } = makeTable(panel);
  const field = make("input", {
    type: "search",
    id: "filter",
    placeholder: "Filter, such as 429 or a request id",
    autocomplete: "off",
    spellcheck: "false",
  });
  const shown = make("span", { class: "soft", role: "status" });
  const bar = make("div", { class: "filter" }, make("label", { for: "filter", class: "visually-hidden" }, "Filter refusals"), field, shown);
  const nothing = make("p", { class: "empty" }, "No refusal matches the filter.");

  function draw() {
    const words = field.value.toLowerCase().split(/\s+/);
    const all = [...kept.values()].sort((one, other) => other.at - one.at);
    const matching = all.filter((refusal) => words.every((word) => textOf(refusal).includes(word)));
    show(matching);
    bar.hidden = all.length === 0;
    nothing.hidden = all.length === 0 || matching.length > 0;
    if (!nothing.hidden) /** @type {HTMLElement} */ (elements[1]).hidden = true;
    setText(shown, field.value === "" ? `${all.length}` : `${matching.length} of ${all.length}`);
  }

  field.addEventListener("input", draw);
  return {
    panel,
    get isEmpty() {
      return kept.size === 0;
    },
    elements: [bar, ...elements, nothing],
    /** @param {readonly Refusal[]} refusals @param {string} url */
    reset: (refusals, url) => {
      docsUrl = url;
      kept = new Map(refusals.map((refusal) => [refusal.id, refusal]));
      draw();
    },
    /** @param {readonly Refusal[]} refusals @param {number} now */
    add: (refusals, now) => {
      for (const refusal of refusals) kept.set(refusal.id, refusal);
      const recent = [...kept].filter(([, { at }]) => at > now - keptMs).sort(([, one], [, other]) => one.at - other.at);
      kept = new Map(recent.slice(-mostKept));
      draw();
    },
  };
}

/** @param {Refusal} refusal */
function textOf({ status, by, reason, policy, method, path, client, principal, requestId, problem, userAgent }) {
  return [status, by, reason, policy, method, path, client, principal, requestId, problem, userAgent].join(" ").toLowerCase();
}
