import { byId } from "./dom.js";

const storageName = `aivillage-console-key:${location.pathname}`;
let current = takeFromAddress() ?? sessionStorage.getItem(storageName) ?? undefined;

/** The part of the address after `#` reaches no server; here it leaves the address and the history too. */
function takeFromAddress() {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key === null || key === "") return undefined;
  history.replaceState(null, "", location.pathname + location.search);
  sessionStorage.setItem(storageName, key);
  return key;
}

/** @returns {Record<string, string>} */
export function authorization() {
  return current === undefined ? {} : { Authorization: `Bearer ${current}` };
}

const dialog = /** @type {HTMLDialogElement} */ (byId("key-dialog"));
const field = /** @type {HTMLInputElement} */ (byId("key-field"));
byId("key-cancel").addEventListener("click", () => dialog.close(""));

/** @type {Promise<boolean> | undefined} */
let asking;

/**
 * Asks for the key. Several that ask at the same time get the same reply.
 *
 * @param {string} reason
 * @returns {Promise<boolean>} whether there is a key now
 */
export function askForKey(reason) {
  asking ??= ask(reason).finally(() => (asking = undefined));
  return asking;
}

/** @param {string} reason @returns {Promise<boolean>} */
async function ask(reason) {
  byId("key-reason").textContent = reason;
  field.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  if (dialog.returnValue !== "given" || field.value === "") return false;
  current = field.value;
  sessionStorage.setItem(storageName, current);
  field.value = "";
  return true;
}
