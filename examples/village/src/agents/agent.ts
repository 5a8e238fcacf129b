import type { IncomingMessage } from "node:http";

/** A question on its way to an agent. */
export interface Question {
  query: string;
  sessionId: string | undefined;
  options: unknown;
  /** The request that brought it. */
  req: IncomingMessage;
  /** Aborted when the client has left. */
  signal: AbortSignal;
}

export interface Answer {
  answer: string;
  sources: readonly unknown[];
}

/** Can answer some questions. The controller asks the first agent that accepts a question. */
export interface Agent {
  name: string;
  accepts: (query: string) => boolean;
  answer: (question: Question) => Promise<Answer>;
}
