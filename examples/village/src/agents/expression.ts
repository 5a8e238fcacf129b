const token = /\d+(?:\.\d+)?|\.\d+|[-+*/%^()]/g;

/**
 * The value of a calculation with `+ - * / % ^` and brackets, in the usual order; not finite where there is none, as in `1 / 0`.
 *
 * @throws SyntaxError when it is malformed
 */
export function evaluate(expression: string): number {
  const reader = new Reader(expression.match(token) ?? []);
  if (expression.replace(token, "").trim() !== "") throw new SyntaxError("there is more than numbers and operators");
  const value = reader.sum();
  reader.end();
  return value;
}

/** Reads the tokens from left to right; one method for each level of precedence. */
class Reader {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  sum(): number {
    let value = this.#product();
    for (let symbol = this.#accept("+-"); symbol !== ""; symbol = this.#accept("+-")) {
      const right = this.#product();
      value = symbol === "+" ? value + right : value - right;
    }
    return value;
  }

  end(): void {
    if (this.#position < this.#tokens.length) throw new SyntaxError(`"${this.#tokens[this.#position]}" is out of place`);
  }

  #product(): number {
    let value = this.#signed();
    for (let symbol = this.#accept("*/%"); symbol !== ""; symbol = this.#accept("*/%")) {
      const right = this.#signed();
      if (symbol === "*") value *= right;
      else if (symbol === "/") value /= right;
      else value %= right;
    }
    return value;
  }

  #signed(): number {
    const sign = this.#accept("+-");
    if (sign === "-") return -this.#signed();
    return sign === "+" ? this.#signed() : this.#power();
  }

  #power(): number {
    const base = this.#atom();
    return this.#accept("^") === "" ? base : base ** this.#signed();
  }

  #atom(): number {
    if (this.#accept("(") !== "") {
      const value = this.sum();
      if (this.#accept(")") === "") throw new SyntaxError("a bracket is not closed");
      return value;
    }
    const number = Number(this.#tokens[this.#position]);
    if (Number.isNaN(number)) throw new SyntaxError("a number is missing");
    this.#position += 1;
    return number;
  }

  /** The next token if it is one of these symbols, else the empty string. */
  #accept(symbols: string): string {
    const next = this.#tokens[this.#position] ?? "";
    if (next === "" || !symbols.includes(next)) return "";
    this.#position += 1;
    return next;
  }
}
