import type { AiDialect } from "../dialects/dialect.ts";
import { memoized } from "../memoized.ts";
import { addJsonText } from "../tokens/json-text.ts";
import { TokenEstimate } from "../tokens/token-estimate.ts";
import type { JsonScanner, StringVisitor } from "./json-scanner.ts";
import { isMedia } from "./media.ts";
import { type ListedModel, mostModels } from "./model-lists.ts";
import { readSmall } from "./read-small.ts";
import { type PathNode, pathTree, walkValue } from "./walk-value.ts";

/** Tokens that surround each message, and those of a picture or a recording. */
const perMessage = 4;
const perMedium = 1_000;
const [openBracket] = Buffer.from("[");

const toolModelsOf = memoized(({ request }: AiDialect): PathNode => pathTree(request.toolModels ?? []));

/** Reads what a model gets: estimates its tokens, and finds the models that its tools call. */
export class InputReader {
  /** Models that tools call, each with the member that has the tool. */
  readonly toolModels: ListedModel[] = [];
  media = 0;
  tools = 0;
  readonly #scanner: JsonScanner;
  readonly #paths: PathNode;
  readonly #estimate = new TokenEstimate();
  readonly #visit: StringVisitor = (start, end, name) => this.#string(start, end, name);
  #messages = 0;
  #tokenIds = 0;

  constructor(scanner: JsonScanner, dialect: AiDialect) {
    this.#scanner = scanner;
    this.#paths = toolModelsOf(dialect);
  }

  get estimatedTokens(): number {
    return this.#estimate.tokens + this.#tokenIds + this.#messages * perMessage + this.media * perMedium;
  }

  /** Reads a member of what the model gets. */
  input(member: string): void {
    this.#input(member, this.#paths.next.get(member));
  }

  /** Reads the definitions of tools. Models read them as some text with the same words, so all of their bytes count. */
  toolDefinitions(member: string): void {
    const scanner = this.#scanner;
    if (scanner.peek() !== openBracket) return void scanner.skip();
    const path = this.#paths.next.get(member)?.next.get("*");
    scanner.array(() => {
      scanner.peek();
      const start = scanner.at;
      walkValue(scanner, path, () => this.#toolModel(member));
      this.tools += 1;
      addJsonText(this.#estimate, scanner.bytes, start, scanner.at);
    });
  }

  /** A text, a message, an array of them, or the tokens themselves as numbers. */
  #input(member: string, path: PathNode | undefined): void {
    const scanner = this.#scanner;
    const byte = scanner.peek();
    if (byte === openBracket) return scanner.array(() => this.#input(member, path?.next.get("*")));
    if (isDigit(byte)) {
      scanner.skip();
      this.#tokenIds += 1;
      return;
    }
    this.#messages += 1;
    walkValue(scanner, path, () => this.#toolModel(member), this.#visit);
  }

  #string(start: number, end: number, name: string): void {
    if (isMedia(this.#scanner.bytes, start, end, name)) this.media += 1;
    else addJsonText(this.#estimate, this.#scanner.bytes, start, end);
    this.#estimate.add(0x0a);
  }

  #toolModel(member: string): void {
    const model = readSmall(this.#scanner, member);
    if (model === null) return;
    if (typeof model === "string" && this.toolModels.push({ model, member }) <= mostModels) return;
    throw new SyntaxError(`the tools in the member ${JSON.stringify(member)} must name at most ${mostModels} models`);
  }
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}
