/** Elements that load or run something by themselves, with how sure their mere presence is. */
export const activeElements: ReadonlyMap<string, number> = new Map([
  ["script", 7],
  ["iframe", 7],
  ["object", 7],
  ["embed", 7],
  ["applet", 8],
  ["base", 7],
  ["frameset", 7],
  ["frame", 7],
  ["bgsound", 7],
  ["layer", 7],
  ["ilayer", 7],
  ["isindex", 7],
  ["vmlframe", 8],
  [":vmlframe", 8],
  ["xml", 8],
  ["meta", 5],
  ["link", 5],
  ["svg", 7],
  ["math", 7],
  ["style", 7],
  ["xmp", 7],
  ["noscript", 7],
  ["plaintext", 7],
  ["stylesheet", 7],
  ["circle", 7],
  ["img", 4],
  ["body", 7],
  ["html", 5],
  ["form", 5],
  ["input", 5],
  ["video", 4],
  ["audio", 4],
  ["marquee", 7],
  ["keygen", 7],
  ["listing", 7],
  ["div", 4],
  ["a", 4],
  ["template", 4],
  ["event-source", 7],
]);

const partsOfSvg = new Set(
  "path image rect ellipse polygon polyline tspan textpath lineargradient radialgradient clippath marker pattern mpath symbol switch".split(
    " ",
  ),
);

/** Elements that do something by themselves, also after a prefix. */
const actsAlone = new Set("set animate animatetransform import discard handler listener foreignobject use".split(" "));

/** Elements of pages that show something and do nothing. */
const harmless =
  "p span br hr b i u s em strong small big sub sup code pre tt kbd samp var cite q blockquote h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table caption " +
  "thead tbody tfoot tr td th col colgroup head title header footer main section article aside nav figure figcaption label fieldset legend " +
  "select option optgroup textarea button center font dfn abbr address del ins time mark details summary picture source map area g";

/** How sure the presence of each known element is. */
const presences = new Map([...harmless.split(" ").map((name): [string, number] => [name, 0]), ...activeElements]);

/** How sure it is that an element attacks that is only there; 0 for what every page has, `undefined` for others. */
export function knownPresence(name: string): number | undefined {
  return presences.get(name);
}

/** The same for any name of an element. */
export function presenceOf(name: string): number {
  return presences.get(name) ?? presenceByName(name);
}

/** Parts of SVG, which show something only inside of one, and active elements under another prefix. */
function presenceByName(name: string): number {
  if (partsOfSvg.has(name)) return 6;
  if (name.startsWith("fe") || actsAlone.has(name)) return 7;
  if (!name.includes(":") && !name.includes("-")) return 0;
  if (/^(?:svg|html|xss|math|xhtml|py|esi|vml|t)[:-]/.test(name)) return 7;
  const [prefix = "", local = ""] = name.split(":", 2);
  return /^\w+$/.test(prefix) && actsAlone.has(local) && name.length === prefix.length + local.length + 1 ? 7 : 0;
}
