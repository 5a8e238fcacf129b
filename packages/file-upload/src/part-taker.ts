/** Takes the content of one part, chunk by chunk. What it returns must be waited for; a problem is thrown or rejected with. */
export interface PartTaker {
  content(bytes: Buffer): Promise<void> | undefined;
  end(): Promise<void> | undefined;
  /** The upload has failed; called at most once, and nothing after it. */
  abort(): void;
}
