import { make, setChildren, setText } from "./dom.js";
import { none } from "./format.js";

/**
 * A column of a table. `fill` fills the cell for each row; without it the text of `value` is shown. An optional one is hidden while no row
 * has a value in it.
 *
 * @template R
 * @typedef {{ title: string, hint?: string, isText?: boolean, isOptional?: boolean, class?: string, value: (row: R) => string, fill?: (row: R, cell: HTMLElement) => void, warn?: (row: R) => boolean }} Column
 */

/**
 * What a panel shows.
 *
 * @template R
 * @typedef {{ id: string, title: string, doc: string, unit?: string, empty: string, key: (row: R) => string, columns: readonly Column<R>[] }} Panel
 */

/**
 * Makes a panel: a heading that links to the page that explains it, and room for what it shows.
 *
 * @param {{ id: string, title: string, doc: string, unit?: string }} panel
 * @param {...Node} children
 */
export function makePanel({ id, title, doc, unit = "" }, ...children) {
  const link = make("a", { "data-doc": doc, target: "_blank", rel: "noreferrer" }, title);
  const head = make("div", { class: "head" }, make("h2", { id: `${id}-title` }, link), make("span", { class: "unit" }, unit));
  return make("section", { id, class: "panel", "aria-labelledby": `${id}-title`, hidden: "" }, head, ...children);
}

/** Sets where the links of all panels lead. @param {string} docsUrl */
export function linkDocs(docsUrl) {
  if (!/^https?:\/\//.test(docsUrl)) return;
  for (const link of document.querySelectorAll("a[data-doc]")) link.setAttribute("href", docsUrl + link.getAttribute("data-doc"));
}

/**
 * Makes a table, and the function that shows rows in it. Rows keep their elements, so that selections and focus stay.
 *
 * @template R
 * @param {Panel<R>} panel
 */
export function makeTable({ title, empty, key, columns }) {
  const heads = columns.map(({ title: text, hint, isText }) =>
    make("th", { scope: "col", ...(isText !== true && { class: "number" }), ...(hint !== undefined && { title: hint }) }, text),
  );
  const body = make("tbody");
  const table = make("table", {}, make("caption", { class: "visually-hidden" }, title), make("thead", {}, make("tr", {}, ...heads)), body);
  const note = make("p", { class: "empty" }, empty);
  // A region that scrolls must be reachable without a mouse.
  const scroller = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, table);
  /** @type {Map<string, HTMLTableRowElement>} */
  let known = new Map();

  /** @param {readonly R[]} rows */
  function show(rows) {
    const next = new Map(rows.map((row) => [key(row), fillRow(known.get(key(row)) ?? makeRow(columns), columns, row)]));
    known = next;
    hideUnused([...next.values()], rows);
    setChildren(body, [...next.values()]);
    scroller.hidden = rows.length === 0;
    note.hidden = rows.length > 0;
  }

  /** @param {readonly HTMLTableRowElement[]} filled @param {readonly R[]} rows */
  function hideUnused(filled, rows) {
    for (const [index, { isOptional = false, value }] of columns.entries()) {
      const isUnused = isOptional && rows.every((row) => value(row) === none);
      for (const cell of [heads[index], ...filled.map(({ cells }) => cells[index])]) cell?.toggleAttribute("hidden", isUnused);
    }
  }

  return { elements: [scroller, note], show };
}

/** @template R @param {readonly Column<R>[]} columns */
function makeRow(columns) {
  const cells = columns.map(({ isText, class: name = "" }, index) => {
    const kind = `${isText === true ? "" : "number "}${name}`.trim();
    return index === 0 ? make("th", { scope: "row", class: kind }) : make("td", { class: kind });
  });
  return make("tr", {}, ...cells);
}

/**
 * @template R
 * @param {HTMLTableRowElement} element
 * @param {readonly Column<R>[]} columns
 * @param {R} row
 */
function fillRow(element, columns, row) {
  for (const [index, column] of columns.entries()) {
    const cell = /** @type {HTMLElement} */ (element.cells[index]);
    if (column.fill === undefined) setText(cell, column.value(row));
    else if (cell.dataset["shown"] !== column.value(row)) {
      cell.dataset["shown"] = column.value(row);
      cell.replaceChildren();
      column.fill(row, cell);
    }
    cell.classList.toggle("warn", column.warn?.(row) === true);
  }
  return element;
}
