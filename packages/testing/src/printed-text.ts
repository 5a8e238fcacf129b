import type { TestEvent } from "node:test/reporters";

/** As much of what a file printed as is shown when it failed. */
const lastCharacters = 4_000;
const mark = "\u0001test file: ";

/** A process prints it before it runs a test file, since several share its output. */
export const markOfFile = (file: string): string => `${mark}${file}\n`;

/** Keeps what test files print. */
export class PrintedText {
  readonly #printed = new Map<string, string>();
  readonly #current = new Map<string, string>();

  see({ type, data }: TestEvent): void {
    if ((type !== "test:stdout" && type !== "test:stderr") || data.file === undefined) return;
    const stream = `${type} ${data.file}`;
    const [before = "", ...files] = data.message.split(mark);
    this.#add(this.#current.get(stream) ?? data.file, before);
    for (const part of files) {
      const [file = "", ...lines] = part.split("\n");
      this.#current.set(stream, file);
      this.#add(file, lines.join("\n"));
    }
  }

  take(file: string): string {
    const printed = this.#printed.get(file) ?? "";
    this.#printed.delete(file);
    return printed;
  }

  #add(file: string, text: string): void {
    this.#printed.set(file, `${this.#printed.get(file) ?? ""}${text}`.slice(-lastCharacters));
  }
}
