import type { TokenizerCallbacks } from "htmlparser2";

/** Elements whose content is no text of the page, up to their end tag. */
const silent = new Set(["script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title", "textarea"]);
/** Elements that may end as they begin, `<svg/>`. */
const foreign = new Set(["svg", "math"]);
/** Elements that begin and end a line. */
const blocks = new Set(
  "address article aside blockquote br dd div dl dt footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul".split(
    " ",
  ),
);
const voids = new Set(["br", "hr"]);
/** Elements whose end tags end a line even where none was opened. */
const brokenByEnd = new Set(["br", "p"]);

/** Collects the text of a page from the tokens of its HTML. */
export class PageText implements TokenizerCallbacks {
  readonly #html: string;
  readonly #parts: string[] = [];
  /** How many silent elements and blocks are open, by name. */
  readonly #open = new Map<string, number>();
  #openSilent = 0;
  /** Whether the block that was opened last is still open. */
  #isInBlock = false;
  #name = "";

  constructor(html: string) {
    this.#html = html;
  }

  get text(): string {
    return this.#parts.join("");
  }

  onopentagname(start: number, end: number): void {
    this.#name = this.#nameAt(start, end);
    if (blocks.has(this.#name)) this.#break();
    else if (silent.has(this.#name)) this.#openSilent += 1;
    else return;
    if (voids.has(this.#name)) return;
    this.#open.set(this.#name, (this.#open.get(this.#name) ?? 0) + 1);
    this.#isInBlock ||= blocks.has(this.#name);
  }

  onselfclosingtag(): void {
    if (foreign.has(this.#name)) this.#close(this.#name);
  }

  onclosetag(start: number, end: number): void {
    const name = this.#nameAt(start, end);
    if ((this.#open.get(name) ?? 0) > 0) this.#close(name);
    else if (brokenByEnd.has(name)) this.#break();
  }

  ontext(start: number, end: number): void {
    if (this.#openSilent === 0) this.#parts.push(this.#html.slice(start, end));
  }

  ontextentity(codePoint: number): void {
    if (this.#openSilent === 0) this.#parts.push(String.fromCodePoint(codePoint));
  }

  isInForeignContext(): boolean {
    return [...foreign].some((name) => (this.#open.get(name) ?? 0) > 0);
  }

  onend(): void {
    if (this.#isInBlock) this.#break();
  }

  // Attributes, comments and declarations are no text, nor is a CDATA section, which outside SVG and MathML is a comment.
  onattribdata(): void {}
  onattribentity(): void {}
  onattribend(): void {}
  onattribname(): void {}
  oncdata(): void {}
  oncomment(): void {}
  ondeclaration(): void {}
  onopentagend(): void {}
  onprocessinginstruction(): void {}

  #nameAt(start: number, end: number): string {
    return this.#html.slice(start, end).toLowerCase();
  }

  #close(name: string): void {
    this.#open.set(name, (this.#open.get(name) ?? 0) - 1);
    if (silent.has(name)) {
      this.#openSilent -= 1;
    } else {
      this.#isInBlock = false;
      this.#break();
    }
  }

  #break(): void {
    this.#parts.push("\n");
  }
}
