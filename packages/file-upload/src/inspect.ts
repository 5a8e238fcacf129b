import type { IncomingMessage } from "node:http";

/** What is known of a file when its inspection begins. */
export interface InspectedFile {
  /** Name of the form field. */
  readonly field: string;
  /** Normalised file name. */
  readonly name: string;
  /** Media type that the first bytes have. */
  readonly type: string;
}

/** What an inspection found out. */
export interface Verdict {
  /** Whether the file may pass. */
  readonly clean: boolean;
  /** What was found, such as the name of a signature; it goes to the event `uploadRefused`, never to the client. */
  readonly finding?: string;
}

/** The inspection of one file while it streams. Whatever it throws or rejects with refuses the upload with 503. */
export interface Inspection {
  /** Takes the next bytes, which must not be changed. The client sends no more until a returned promise resolves. */
  chunk(bytes: Buffer): void | Promise<void>;
  /** Called after the last byte; returns whether the file may pass. */
  end(): Verdict | Promise<Verdict>;
  /** The upload has failed or the inspection took too long: lets go of what it holds. Never called after a verdict. */
  abort?(): void;
}

/** Begins the inspection of a file. */
export type Inspect = (file: InspectedFile, req: IncomingMessage) => Inspection;
