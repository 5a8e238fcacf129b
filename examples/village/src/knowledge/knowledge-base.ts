import MiniSearch, { type SearchResult } from "minisearch";

import { countryFacts, type Fact } from "./country-facts.ts";
import { allowedTypos, toTerm } from "./words.ts";

/** A passage that speaks about the question. */
export interface Source {
  title: string;
  text: string;
  score: number;
}

interface Entry extends Fact {
  id: number;
}

interface Document {
  ids: number[];
  bytes: number;
}

/** How much of the question, weighed by how rare its words are, a passage must speak about. */
const neededCoverage = 0.55;
const maxTerms = 40;
const maxDocuments = 100;
const maxBytes = 32 * 1_048_576;

/** A full-text index over the facts of all countries and over uploaded documents. */
export class KnowledgeBase {
  readonly #index = new MiniSearch<Entry>({
    fields: ["title", "aliases", "topic", "text"],
    storeFields: ["title", "text"],
    processTerm: toTerm,
    searchOptions: { boost: { title: 4, topic: 3, aliases: 2 } },
  });
  readonly #documents = new Map<string, Document>();
  #bytes = 0;
  #lastId = 0;
  #adding: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#index.addAll(countryFacts().map((fact) => this.#numbered(fact)));
  }

  /** Adds a document, in place of one of the same name; the oldest ones go when there are more than 100, or 32 MiB of text. */
  async add(name: string, passages: readonly string[], bytes: number): Promise<void> {
    const adding = this.#adding.then(() => this.#addNext(name, passages, bytes));
    this.#adding = adding.catch(() => undefined);
    await adding;
  }

  async #addNext(name: string, passages: readonly string[], bytes: number): Promise<void> {
    this.#drop(name);
    const entries = passages.map((text) => this.#numbered({ title: name, aliases: "", topic: "", text }));
    await this.#index.addAllAsync(entries, { chunkSize: 500 });
    this.#documents.set(name, { ids: entries.map(({ id }) => id), bytes });
    this.#bytes += bytes;
    for (const oldest of this.#documents.keys()) {
      if (this.#documents.size <= maxDocuments && this.#bytes <= maxBytes) break;
      this.#drop(oldest);
    }
  }

  /** The passages that speak about most of the question, best first; none when the question is about something else. */
  search(question: string): Source[] {
    const weights = this.#weigh(question);
    const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
    const coverage = ({ queryTerms }: SearchResult): number =>
      Math.round(([...new Set(queryTerms)].reduce((sum, term) => sum + (weights.get(term) ?? 0), 0) / total) * 100) / 100;
    const found = this.#index
      .search([...weights.keys()].join(" "), { fuzzy: (term) => (this.#countExact(term) > 0 ? false : allowedTypos(term)) })
      .map((result) => ({ result, covered: coverage(result) }))
      .sort((a, b) => b.covered - a.covered || b.result.score - a.result.score);
    const best = found[0]?.covered ?? 0;
    return best < neededCoverage ? [] : found.filter(({ covered }) => covered >= 0.9 * best).map(({ result }) => toSource(result));
  }

  /** The terms of a question, each weighed by its rareness; a word that is nowhere weighs most, so that it is not passed over. */
  #weigh(question: string): Map<string, number> {
    const words = question.split(/[\s\p{P}\p{S}]+/u);
    const terms = [...new Set(words.map(toTerm))].filter((term) => term !== null).slice(0, maxTerms);
    const count = (term: string): number => this.#countExact(term) || this.#index.search(term, { fuzzy: allowedTypos(term) }).length;
    return new Map(terms.map((term) => [term, Math.log(1 + this.#index.documentCount / (1 + count(term)))]));
  }

  #countExact(term: string): number {
    return this.#index.search(term).length;
  }

  #numbered(fact: Fact): Entry {
    this.#lastId += 1;
    return { ...fact, id: this.#lastId };
  }

  #drop(name: string): void {
    const document = this.#documents.get(name);
    if (document === undefined) return;
    this.#index.discardAll(document.ids);
    this.#documents.delete(name);
    this.#bytes -= document.bytes;
  }
}

function toSource({ score, ...stored }: SearchResult): Source {
  return { title: String(stored["title"]), text: String(stored["text"]), score: Math.round(score * 100) / 100 };
}
