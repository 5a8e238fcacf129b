import { decodeGenerator, encode } from "gpt-tokenizer/encoding/o200k_base";

/** The number of tokens of a text in the o200k vocabulary. */
export function countTokens(text: string): number {
  return encode(text).length;
}

/** A text in chunks of one token each; a token that ends within a character is joined to the next one. */
export function tokensOf(text: string): string[] {
  return [...decodeGenerator(encode(text))].filter((piece) => piece !== "");
}
