/** What ends a command of `keys`, with the exit code: 1 it could not be done, 2 the command line is wrong. */
export class KeysError extends Error {
  override readonly name = "KeysError";
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
