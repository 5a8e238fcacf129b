/** What occurs in a text, as bits; decides which detectors look at it. */
export const Trait = {
  /** A quote that is no apostrophe inside a word. */
  quote: 1,
  comparison: 2,
  /** A parenthesis as code has it, and not as a sentence has. */
  call: 4,
  semicolon: 8,
  /** `#`, `--` or a block comment. */
  comment: 16,
  sqlWord: 32,
  angle: 64,
  shell: 128,
  newline: 256,
  backtick: 512,
  slash: 1024,
  brace: 2048,
  dollar: 4096,
  percent: 8192,
  entity: 16_384,
  backslash: 32_768,
  wide: 65_536,
  /** `..`, or a dot in some encoding. */
  dots: 131_072,
  /** `javascript`, `document` and the like, right before a sign. */
  scriptWord: 262_144,
  /** Names of interpreters and of their functions, right before a sign. */
  codeWord: 524_288,
  /** Schemes and hosts. */
  addressWord: 1_048_576,
  prototypeWord: 2_097_152,
  /** Begins an SQL statement. */
  sqlVerb: 4_194_304,
  /** `or`, `and`, `by`: a number after them is SQL, a word is not. */
  sqlJoint: 8_388_608,
  /** A serialised object. */
  serialised: 16_777_216,
  at: 33_554_432,
  /** Half a pair of `&&`, `||`: shells, scripts and SQL use them. */
  sign: 67_108_864,
  /** Names that dangerous expressions of templates have. */
  templateWord: 134_217_728,
  /** Places where signatures are to be tried. */
  signatures: 268_435_456,
  /** A `+` between two words, as HTML forms write a space. */
  plus: 536_870_912,
} as const;
