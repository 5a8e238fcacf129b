/** Names of members that lead to a value in a JSON document. `*` stands for every element of an array. */
export type MemberPath = readonly string[];

/** Where a provider reports tokens, as paths below the usage object; the first one that is present counts. */
export interface UsageMembers {
  readonly input: readonly MemberPath[];
  readonly output: readonly MemberPath[];
  readonly cachedInput: readonly MemberPath[];
  readonly cacheWrite: readonly MemberPath[];
  readonly reasoning: readonly MemberPath[];
  /** Input and output together. Some servers leave reasoning out of `output` and count it here alone. Default: nowhere. */
  readonly total?: readonly MemberPath[];
  /**
   * Tokens that the other counts leave out: a list of objects with the same members, and the values of `type` of those that are meant.
   * Default: there are none.
   */
  readonly further?: { readonly list: MemberPath; readonly types: readonly string[] };
  /** Whether `input` already contains the tokens that were read from or written to a cache. */
  readonly inputIncludesCache: boolean;
}

/** How the calls and responses of one API look. Plain data: write your own for an API that is not shipped. */
export interface AiDialect {
  /** Lower-case letters, digits and dashes, such as `openai-chat`. It appears in values and events. */
  readonly name: string;
  /** How its clients read errors. Default `openai`. */
  readonly errorForm?: "openai" | "anthropic";
  /** Members of the request, all at its top level. */
  readonly request: {
    readonly model: string;
    /** Names of the lists of models that a router may choose instead, such as `models`: names, or objects with the member `model` alone. */
    readonly otherModels?: readonly string[];
    /** The boolean that asks for a stream. Absent: the API does not stream. */
    readonly stream?: string;
    /** The boolean that lets the backend go on after its response has ended, when nobody reports its tokens any more. */
    readonly background?: string;
    /** Names of the limit of output tokens. The first is written when a limit is imposed. Empty: the API has none. */
    readonly maxOutputTokens: readonly string[];
    /** Whether a limit of 0 asks for no output at all. Default: a limit is at least 1, since some backends take 0 for none. */
    readonly mayLimitToNone?: boolean;
    /** Names of the number of choices to generate. The largest counts. */
    readonly choices?: readonly string[];
    /** What the model reads: texts, or arrays and objects that contain texts. */
    readonly input: readonly string[];
    /** Definitions of tools, which the model reads as JSON. */
    readonly tools?: string;
    /** Where tools name models that they call, as paths from the top level on: such a model must be allowed like the requested one. */
    readonly toolModels?: readonly MemberPath[];
    /** Object and boolean that ask for usage at the end of a stream, such as `stream_options` and `include_usage`. */
    readonly usageRequest?: readonly [object: string, flag: string];
  };
  readonly response: {
    /** Where usage may be, in a response or in an event of a stream. */
    readonly usage: readonly MemberPath[];
    readonly members: UsageMembers;
    readonly model: readonly MemberPath[];
    readonly finishReason: readonly MemberPath[];
    /** Where generated text is in a response that is not a stream. */
    readonly text: readonly MemberPath[];
    /** Names of the string members that bring generated text in the events of a stream. */
    readonly deltas: readonly string[];
    /** What ends a complete stream: `data: [DONE]`, or the `type` of the last event. */
    readonly end: readonly string[];
    /**
     * Which streams are complete without their end, as not all servers send one: those in which each choice has said why it ended
     * (`finished`), or all that end properly (`always`). Default: none; one without its end is broken.
     */
    readonly mayLackEnd?: "finished" | "always";
    /**
     * The event that reports to clients of a broken stream why it ended: its `event` field, and its data, in which the strings `{message}` and
     * `{code}` are replaced. Absent: a broken stream is only cut.
     */
    readonly errorEvent?: { readonly type?: string; readonly data: unknown };
  };
}
