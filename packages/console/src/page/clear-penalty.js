import { announce, make, setText } from "./dom.js";
import { span } from "./format.js";
import { askForKey, authorization } from "./key.js";

/** @typedef {NonNullable<import("../hub/frame.ts").Frame["penalties"]>[number]} Penalty */

/** What proves to the server that a request comes from this page. */
let token = "";

/** @param {string} given */
export function setToken(given) {
  token = given;
}

/** @type {import("./tables.js").Panel<Penalty & { canClear: boolean }>} */
export const penalties = {
  id: "penalties",
  title: "Penalties",
  doc: "problems/abnormal-usage-detected.md",
  unit: "now",
  empty: "No client is under penalty.",
  key: ({ id }) => id,
  columns: [
    { title: "Client", isText: true, class: "name", value: ({ client }) => client },
    { title: "Reason", isText: true, value: ({ reason }) => reason },
    { title: "Time left", value: ({ until }) => span((until - Date.now()) / 1_000) },
    { title: "Action", isText: true, value: ({ canClear }) => String(canClear), fill: fillAction },
  ],
};

/** @param {Penalty & { canClear: boolean }} penalty @param {HTMLElement} cell */
function fillAction({ id, client, canClear }, cell) {
  if (!canClear) return;
  const button = make("button", { type: "button", class: "quiet", "aria-label": `Clear the penalty of ${client}` }, "Clear");
  button.addEventListener("click", () => void clear(id, client, button));
  cell.append(button);
}

/** @param {string} id @param {string} client @param {HTMLButtonElement} button */
async function clear(id, client, button) {
  button.disabled = true;
  setText(button, "Clearing");
  const response = await send(id);
  if (
    (response?.status === 401 || response?.status === 403) &&
    (await askForKey("To clear a penalty, enter a key that may change things."))
  ) {
    return await clear(id, client, button);
  }
  // The next frame no longer has a row that was cleared.
  button.disabled = false;
  setText(button, response?.ok === true || response?.status === 404 ? "Cleared" : "Failed, try again");
  announce(response?.ok === true ? `Penalty of ${client} cleared` : `Penalty of ${client} not cleared`);
}

/** @param {string} id @returns {Promise<Response | undefined>} */
async function send(id) {
  const headers = { ...authorization(), "X-Console-Token": token };
  return await fetch(`penalties/${encodeURIComponent(id)}/clear`, { method: "POST", headers }).catch(() => undefined);
}
