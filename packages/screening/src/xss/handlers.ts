import { hasSink } from "./script-value.ts";
import type { Attribute, Tag } from "./tag.ts";

/** Events that wait for somebody to do something, as pages in tutorials have them. */
const awaited = new Set(
  "onclick ondblclick onsubmit onreset onchange oninput onselect onkeyup onkeydown onkeypress onmouseover onmouseout onmousedown onmouseup onmousemove onmouseenter onmouseleave onblur onfocus ondrag ondragstart ondragover ondragend ondrop onload onscroll onresize ontouchstart ontouchend".split(
    " ",
  ),
);

export function isHandlerName(name: string): boolean {
  return name.length > 4 && name.startsWith("on") && /^on[a-z]+[\w.-]*$/.test(name);
}

/** How sure it is that an event handler attacks. A call of anything is what pages have, in quotes and for a few events. */
export function scoreHandler(tag: Tag, { name, value, quoted }: Attribute): number {
  if (hasSink(value)) return 8;
  // The braces of JSX; to a browser it is a block.
  if (!quoted && value.startsWith("{")) return 5;
  if (!isCall(value)) return 8;
  return !quoted || !awaited.has(name) || tag.attributes.some((other) => other.name === "autofocus") ? 7 : 6;
}

/** `save()` or `go(1)`: what pages in tutorials have in their handlers. */
function isCall(value: string): boolean {
  return /^\s*(?:return\s+)?[\w$.]{1,40}\([^()]{0,60}\);?\s*$/.test(value);
}
