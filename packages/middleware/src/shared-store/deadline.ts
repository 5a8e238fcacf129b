/** Why a remote operation was given up: its response did not come in time. It may still come into effect. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";

  constructor(deadlineMs: number) {
    super(`no response within ${deadlineMs} ms`);
  }
}

const beatsPerDeadline = 10;
/** Timers are late by a few milliseconds: nobody should wait longer than the deadline for that. */
const timerSlackMs = 3;
/** Nobody waits for more deadlines than that, however alive the other side is. */
const mostDeadlines = 10;

interface Operation {
  readonly giveUp: () => void;
  readonly begunMs: number;
  /** When it was sent, by beats; as of the first beat after it began. */
  sinceMs: number | undefined;
}

interface Replied {
  readonly id: number;
  readonly atMs: number;
}

/**
 * Keeps a deadline on all operations with one other side, and distinguishes its silence from that of a process too busy to listen.
 *
 * Time goes by beats, ten to a deadline, with one more for an operation whose deadline comes in between. A beat is a timer and then a look
 * at all sockets, and counts for half a deadline at most, however late it is; the first one of an operation for a tenth. So nothing is given
 * up before the sockets were looked at twice since it was sent, and a process that is not busy waits no longer than the deadline.
 *
 * Replies come in the order of the requests, so one to an earlier request shows that the other side is at work: the time of all
 * that was asked later starts again, for at most ten deadlines. A reply to a later request shows nothing: it came from elsewhere,
 * such as another node of a Redis Cluster.
 */
export class Deadline {
  readonly #deadlineMs: number;
  readonly #patienceMs: number;
  readonly #beatMs: number;
  /** By their numbers, which is the order in which they began. */
  readonly #waiting = new Map<number, Operation>();
  /** The earliest operation that got a reply in each beat of the last deadline, and when the last reply of the beat came. */
  #replied: Replied[] = [];
  #repliedNow: Replied | undefined;
  #begun = 0;
  #clockMs = 0;
  #beatAtMs = 0;
  #isBeating = false;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
    this.#beatMs = deadlineMs / beatsPerDeadline;
    this.#patienceMs = deadlineMs - Math.min(timerSlackMs, this.#beatMs);
  }

  /** The outcome of an operation, or a rejection with a `DeadlineError` when it is not there in time. */
  keep<T>(operation: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const id = this.#begin(() => reject(new DeadlineError(this.#deadlineMs)));
      const finish = <V>(settle: (value: V) => void, value: V): void => {
        this.#waiting.delete(id);
        settle(value);
      };
      operation.then(
        (value) => {
          this.#noteReply(id);
          return finish(resolve, value);
        },
        (error: unknown) => finish(reject, error),
      );
    });
  }

  #begin(giveUp: () => void): number {
    const id = this.#begun;
    this.#begun += 1;
    this.#waiting.set(id, { giveUp, begunMs: performance.now(), sinceMs: undefined });
    if (!this.#isBeating) this.#start();
    return id;
  }

  #start(): void {
    this.#isBeating = true;
    this.#beatAtMs = performance.now();
    this.#nextBeat();
  }

  #nextBeat(): void {
    // An immediate comes after the sockets were looked at.
    setTimeout(() => setImmediate(() => this.#onBeat()), this.#untilNextBeatMs());
  }

  /** The oldest operation is given up first. */
  #untilNextBeatMs(): number {
    const [[id, { sinceMs = this.#clockMs }] = [0, { sinceMs: undefined }]] = this.#waiting;
    const signs = this.#replied.flatMap((replied) => (replied.id < id ? replied.atMs : []));
    const leftMs = Math.max(sinceMs, ...signs) + this.#patienceMs - this.#clockMs;
    return leftMs > 0 && leftMs < this.#beatMs ? leftMs : this.#beatMs;
  }

  #onBeat(): void {
    const nowMs = performance.now();
    this.#clockMs += Math.min(nowMs - this.#beatAtMs, this.#deadlineMs / 2);
    this.#beatAtMs = nowMs;
    this.#keepReplies();
    this.#giveUpLate();
    this.#isBeating = this.#waiting.size > 0;
    if (this.#isBeating) this.#nextBeat();
  }

  #noteReply(id: number): void {
    const atMs = this.#clockMs + Math.min(performance.now() - this.#beatAtMs, this.#beatMs);
    this.#repliedNow = { id: Math.min(this.#repliedNow?.id ?? id, id), atMs };
  }

  #keepReplies(): void {
    if (this.#repliedNow !== undefined) this.#replied.push(this.#repliedNow);
    this.#repliedNow = undefined;
    this.#replied = this.#replied.filter(({ atMs }) => this.#clockMs - atMs < this.#patienceMs);
  }

  #giveUpLate(): void {
    const replied = Math.min(...this.#replied.map(({ id }) => id));
    for (const [id, operation] of this.#waiting) {
      operation.sinceMs ??= this.#clockMs - Math.min(this.#beatAtMs - operation.begunMs, this.#beatMs);
      const deadlines = (this.#clockMs - operation.sinceMs) / this.#patienceMs;
      if (deadlines < 1 || (replied < id && deadlines < mostDeadlines)) continue;
      this.#waiting.delete(id);
      operation.giveUp();
    }
  }
}
