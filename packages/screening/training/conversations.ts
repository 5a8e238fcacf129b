import type { Judged } from "./cross-validate.ts";
import { pick, seededRandom } from "./random.ts";
import type { Decide, Rate } from "./tables.ts";

const conversations = 10_000;
const turns = 20;

/** What happens to conversations whose texts are drawn at random, where each new text of a person is judged and the replies are not. */
export interface ConversationRates {
  /** Requests with 20 earlier turns that are refused, since the newest text is. */
  readonly newest: Rate;
  /** Conversations of which any of 20 texts is refused. */
  readonly any: Rate;
}

/** Draws conversations from innocent texts, always the same for the same seed. */
export function drawConversations(innocents: readonly Judged[], decide: Decide, seed: number): ConversationRates {
  const random = seededRandom(seed);
  const refused = innocents.map(({ alone, limits }) => decide(alone, limits));
  const rates = { newest: { hits: 0, all: conversations }, any: { hits: 0, all: conversations } };
  for (let count = 0; count < conversations; count += 1) {
    const drawn = Array.from({ length: turns }, () => pick(refused, random));
    rates.newest.hits += Number(drawn.at(-1));
    rates.any.hits += Number(drawn.includes(true));
  }
  return rates;
}
