/** What a running gateway reads again. */
type Source = "configuration" | "keys" | "secrets" | "token_keys";

/** Notes whether a source was taken when it was read last. */
export type NoteSource = (source: Source, isStale: boolean) => void;
