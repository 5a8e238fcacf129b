import { answer, ask, fail, type Message, type Question } from "./messages.ts";

interface Asked {
  readonly settle: (answered: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Requests and replies between two processes. Every request has a deadline, so a process that hangs holds up nobody. */
export class RequestReply {
  readonly #send: (message: Message) => void;
  readonly #reply: (question: Question) => unknown;
  readonly #asked = new Map<number, Asked>();
  #lastId = 0;

  /** @param reply replies to the other side's questions; it may return a promise or throw */
  constructor(send: (message: Message) => void, reply: (question: Question) => unknown) {
    this.#send = send;
    this.#reply = reply;
  }

  /** Rejects when there is no reply within the deadline, when the other side has failed, and when this end is closed. */
  ask<T>(question: Question, deadlineMs: number): Promise<T> {
    const id = (this.#lastId += 1);
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => this.#end(id, new Error(`no response within ${deadlineMs} ms`)), deadlineMs).unref();
      this.#asked.set(id, { settle: (answered) => resolve(answered as T), reject, timer });
      this.#send(ask(id, question));
    });
  }

  hear(message: Message): void {
    if ("question" in message) void this.#answer(message.id, message.question);
    else if ("error" in message) this.#end(message.id, new Error(message.error));
    else this.#end(message.id, undefined, message.answer);
  }

  close(): void {
    for (const id of this.#asked.keys()) this.#end(id, new Error("the other process is gone"));
  }

  async #answer(id: number, question: Question): Promise<void> {
    try {
      this.#send(answer(id, await this.#reply(question)));
    } catch (error) {
      this.#send(fail(id, error));
    }
  }

  #end(id: number, error: Error | undefined, answered?: unknown): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    this.#asked.delete(id);
    clearTimeout(asked.timer);
    if (error === undefined) asked.settle(answered);
    else asked.reject(error);
  }
}
