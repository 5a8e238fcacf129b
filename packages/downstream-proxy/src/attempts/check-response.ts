import type { AnswerHeaders } from "../fields/response-headers.ts";

/** Informational answers that may come before the real one; more are an error of the target, because each one costs work here. */
export const maxInformational = 32;

/** What came is HTTP by its form, but cannot be passed on as an answer. */
export class MalformedAnswer extends Error {
  override readonly name = "MalformedAnswer";
}

/**
 * Refuses what undici lets through and a client must not see: a status that does not exist, and codings of the transfer that
 * would have to be undone (RFC 9112, 6.1).
 *
 * @throws MalformedAnswer
 */
export function checkAnswer(status: number, { "transfer-encoding": coding }: AnswerHeaders): void {
  if (status > 599) throw new MalformedAnswer(`status ${status}`);
  if (coding !== undefined && (typeof coding !== "string" || coding.toLowerCase() !== "chunked")) {
    throw new MalformedAnswer("a transfer coding other than chunked");
  }
}
