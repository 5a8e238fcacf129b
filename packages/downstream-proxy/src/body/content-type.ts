/** A `Content-Type` (RFC 9110, 8.3) of a body that was decoded and is sent as UTF-8. */
export class ContentType {
  readonly text: string;
  readonly #mediaType: string;
  readonly #parameters: readonly string[];

  constructor(text: string) {
    const [mediaType = "", ...parameters] = splitOutsideQuotes(text);
    this.text = text;
    this.#mediaType = mediaType.trim().toLowerCase();
    this.#parameters = parameters.map((parameter) => parameter.trim()).filter((parameter) => parameter !== "");
  }

  get isJson(): boolean {
    return /[/+]json$/.test(this.#mediaType);
  }

  get isForm(): boolean {
    return this.#mediaType === "application/x-www-form-urlencoded";
  }

  /** The type with a charset that holds for UTF-8. Only text needs one: JSON and forms are UTF-8, and parts of multipart have their own. */
  get inUtf8(): string {
    const others = this.#parameters.filter((parameter) => !/^charset\s*=/i.test(parameter));
    const isText = !this.isJson && !this.isForm && (this.#mediaType.startsWith("text/") || others.length < this.#parameters.length);
    return [this.#mediaType, ...others, ...(isText ? ["charset=utf-8"] : [])].join("; ");
  }
}

/** A quote without an end goes on to the end of the text: to look for one from each quote on would take the square of their number. */
function splitOutsideQuotes(text: string): string[] {
  return text.match(/(?:"(?:\\.|[^"\\])*(?:"|\\?$)|[^;"])+/g) ?? [];
}
