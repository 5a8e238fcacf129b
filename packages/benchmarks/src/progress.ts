import type { WriteStream } from "node:tty";

/** Reports progress to a person. */
export interface Progress {
  say(what: string): void;
  done(): void;
}

/** One line that is written over on a terminal; a line each in a file or pipe. */
export function makeProgress(stream: Pick<WriteStream, "write" | "isTTY">): Progress {
  const startedAt = performance.now();
  const elapsed = (): string => {
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  return {
    say: (what) => void stream.write(stream.isTTY ? `\r\u001b[K${elapsed()} ${what}` : `${elapsed()} ${what}\n`),
    done: () => void (stream.isTTY && stream.write("\r\u001b[K")),
  };
}
