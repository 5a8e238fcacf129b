import { createReadStream } from "node:fs";

/** No line of a log is longer. */
export const longestLine = 65_536;

/** A line of a file, without its line break. */
export interface FileLine {
  readonly bytes: Buffer;
  /** False for what follows the last line break. */
  readonly isWhole: boolean;
}

/** Reads the lines of a file byte by byte: only a line feed ends one. Of a longer line than any log has, a part is returned. */
export async function* readLines(path: string): AsyncIterable<FileLine> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let at = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, at)) {
      yield { bytes: Buffer.concat([rest, chunk.subarray(at, end)]), isWhole: true };
      rest = Buffer.alloc(0);
      at = end + 1;
    }
    // Beyond the bound nothing can make the line valid.
    if (rest.length <= longestLine) rest = Buffer.concat([rest, chunk.subarray(at)]);
  }
  if (rest.length > 0) yield { bytes: rest, isWhole: false };
}
