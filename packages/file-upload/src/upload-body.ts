import { Readable } from "node:stream";

/**
 * Reads the first pieces of `source` until `ready` says so, and gives them back.
 *
 * @throws whatever the source throws
 */
export async function readAhead(source: AsyncGenerator<Buffer, void>, ready: () => boolean): Promise<Buffer[]> {
  const pieces: Buffer[] = [];
  while (!ready()) {
    const piece = await source.next();
    if (piece.done === true) break;
    pieces.push(piece.value);
  }
  return pieces;
}

/** What the body tells of itself. */
export interface BodyEvents {
  /** The consumer took the last piece. */
  readonly ended: () => void;
  /** The source threw. */
  readonly failed: (reason: unknown) => void;
  /** The stream is closed, by its end, by an error or by its consumer. */
  readonly closed: (error: Error | null) => void;
}

/** The stream that gives `pieces`, then the rest of `source`, one piece whenever the consumer wants more. */
export function createUploadBody(pieces: Buffer[], source: AsyncGenerator<Buffer, void>, { ended, failed, closed }: BodyEvents): Readable {
  const onPiece = ({ done, value }: IteratorResult<Buffer, void>): void => {
    if (body.destroyed) return;
    if (done !== true) return void body.push(value);
    ended();
    body.push(null);
  };
  const body = new Readable({
    read() {
      const piece = pieces.shift();
      if (piece === undefined) void source.next().then(onPiece, failed);
      else this.push(piece);
    },
    destroy(error, callback) {
      closed(error);
      callback(error);
    },
  });
  // A failure that nobody listens to must not end the process; whoever reads sees it all the same.
  return body.on("error", () => undefined);
}
