const maxSessions = 1_000;
const maxTurns = 20;

/** What was said once and what was replied. */
export interface Turn {
  message: string;
  reply: string;
}

/** One conversation. */
export interface Session {
  readonly id: string;
  /** What the person is called. */
  name?: string;
  /** The last 20 turns, oldest first. */
  readonly turns: Turn[];
  /** All turns since the beginning. */
  count: number;
}

/** The last 1,000 conversations; the one that has been silent longest is forgotten first. */
export class Sessions {
  readonly #byId = new Map<string, Session>();

  /** The conversation of this id, begun if there is none. */
  open(id: string): Session {
    const session = this.#byId.get(id) ?? { id, turns: [], count: 0 };
    this.#byId.delete(id);
    this.#byId.set(id, session);
    for (const oldest of this.#byId.keys()) {
      if (this.#byId.size <= maxSessions) break;
      this.#byId.delete(oldest);
    }
    return session;
  }
}

/** Keeps a turn; the oldest goes when there are more than 20. */
export function remember(session: Session, turn: Turn): void {
  session.turns.push(turn);
  session.count += 1;
  if (session.turns.length > maxTurns) session.turns.shift();
}
