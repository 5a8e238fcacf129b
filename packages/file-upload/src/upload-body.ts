import { Readable } from "node:stream";

/** What the body tells of itself. */
export interface BodyListener {
  /** The consumer wants more than there is. */
  readonly wanted: () => void;
  /** The consumer took the last piece. */
  readonly ended: () => void;
  /** The stream is closed, by its end, by an error or by its consumer. */
  readonly closed: (error: Error | null) => void;
}

/** The stream that the consumer reads; whoever makes it pushes. */
export function createUploadBody({ wanted, ended, closed }: BodyListener): Readable {
  const body = new Readable({
    read: wanted,
    destroy(error, callback) {
      closed(error);
      callback(error);
    },
  });
  // A failure that nobody listens to must not end the process; whoever reads sees it all the same.
  return body.once("end", ended).on("error", () => undefined);
}
