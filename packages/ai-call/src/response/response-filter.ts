/** How a response ended: whole, broken off, or because the client had left. */
export type ResponseEnd = "completed" | "broken" | "client-left";

/** Sees and changes a response while it passes. `downstreamProxy()` takes it as it is. */
export interface AiResponseFilter {
  /** Whether the client may get other bytes than the backend sent. */
  readonly changes: boolean;
  /** Whether text has come that the client waits for, or the backend refuses the call in a way that another one may not. */
  readonly opening?: "pending" | "content" | "refused";
  /** Takes bytes from the backend and returns those for the client. It keeps and changes them, so nobody else may use their memory. */
  write(chunk: Buffer): Buffer;
  /**
   * The response has ended. Returns the last bytes for the client. `error` says why it is broken.
   *
   * @throws HttpProblem for a response that has ended properly, but is incomplete: it is broken, and its reader must learn that
   */
  end(how: ResponseEnd, error?: unknown): Buffer;
  /** Something else ends the response. Drops what is kept, and returns the bytes that must come before its last ones. */
  abandon?(): Buffer;
}

export const nothing: Buffer = Buffer.alloc(0);
