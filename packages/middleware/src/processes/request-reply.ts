import { hasMessageType } from "./message-type.ts";

type Message<Question> =
  | { readonly type: string; readonly id: number; readonly question: Question }
  | { readonly type: string; readonly id: number; readonly reply: unknown }
  | { readonly type: string; readonly id: number; readonly error: string };

interface Asked {
  readonly settle: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** How `RequestReply` reaches the other process. */
export interface RequestReplyOptions<Question> {
  /** Distinguishes these messages from others, such as `aivillage:metrics`. */
  readonly type: string;
  /** Sends a message; one that cannot be sent is dropped. */
  readonly send: (message: object) => void;
  /** Replies to the questions of the other side; may return a promise, throw or reject. */
  readonly reply: (question: Question) => unknown;
}

/**
 * Questions and replies between two processes, in both directions. Every question has a deadline, so a process that hangs holds up nobody.
 *
 * Questions and replies are sent as JSON, in which `Infinity` arrives as `null`.
 */
export class RequestReply<Question> {
  readonly #options: RequestReplyOptions<Question>;
  readonly #asked = new Map<number, Asked>();
  #lastId = 0;

  constructor(options: RequestReplyOptions<Question>) {
    this.#options = options;
  }

  /** Rejects when there is no reply within the deadline, when the other side has failed, and when this end is closed. */
  ask<Reply>(question: Question, deadlineMs: number): Promise<Reply> {
    const id = (this.#lastId += 1);
    return new Promise<Reply>((resolve, reject) => {
      const giveUp = (): void => this.#end(id, new Error(`no response within ${deadlineMs} ms`));
      // A reply that came while this process was busy counts: an immediate comes after the look at the channel.
      const timer = setTimeout(() => setImmediate(giveUp), deadlineMs).unref();
      this.#asked.set(id, { settle: (reply) => resolve(reply as Reply), reject, timer });
      this.#send({ type: this.#options.type, id, question });
    });
  }

  /** Takes a message of the other process. @returns false for one that belongs to somebody else */
  receive(message: unknown): boolean {
    if (!hasMessageType(message, this.#options.type)) return false;
    const received = message as Message<Question>;
    if ("question" in received) void this.#replyTo(received.id, received.question);
    else if ("error" in received) this.#end(received.id, new Error(received.error));
    else this.#end(received.id, undefined, received.reply);
    return true;
  }

  close(): void {
    for (const id of this.#asked.keys()) this.#end(id, new Error("the other process is gone"));
  }

  #send(message: Message<Question>): void {
    this.#options.send(message);
  }

  async #replyTo(id: number, question: Question): Promise<void> {
    const { type, reply } = this.#options;
    try {
      this.#send({ type, id, reply: await reply(question) });
    } catch (error) {
      this.#send({ type, id, error: error instanceof Error ? error.message : String(error) });
    }
  }

  #end(id: number, error: Error | undefined, reply?: unknown): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    this.#asked.delete(id);
    clearTimeout(asked.timer);
    if (error === undefined) asked.settle(reply);
    else asked.reject(error);
  }
}
