/** Reads the body of a response while it passes. */
export interface Meter {
  /** Whether the client may get fewer bytes than the backend sent. */
  readonly changesLength: boolean;
  /** Takes bytes from the backend and returns those for the client. */
  write(chunk: Buffer): Buffer;
  /** The body has ended. Returns the last bytes for the client. */
  end(): Buffer;
}

export const nothing: Buffer = Buffer.alloc(0);
