/**
 * How a setting is read from text and checked. `coerce` leaves text that it does not understand as it is, so that `validate`
 * sees what the operator wrote; convict's own formats would make 80 of `80O0` and false of `yes`.
 */
export interface Format {
  /** Completes "must be …". */
  readonly expected: string;
  readonly coerce: (text: string) => unknown;
  readonly accepts: (value: unknown) => boolean;
  /** What an editor should take in the YAML file. */
  readonly schema: object;
}
