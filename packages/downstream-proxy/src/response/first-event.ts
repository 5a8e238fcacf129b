/** Finds out whether an event stream has brought an event, which is a line `data` (HTML Standard, 9.2.6); comments are none. */
export class FirstEvent {
  #hasCome = false;
  /** The beginning of the line that is not complete, as far as it matters. */
  #line = "\n";

  get hasCome(): boolean {
    return this.#hasCome;
  }

  push(chunk: Buffer): void {
    if (this.#hasCome) return;
    const text = this.#line + chunk.toString("latin1");
    this.#hasCome = /[\r\n]data[:\r\n]/.test(text);
    const start = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r"));
    this.#line = text.slice(start, start + 6);
  }
}
