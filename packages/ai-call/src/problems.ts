import { HttpProblem } from "@aivillage/middleware";

interface AiProblem {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  /** The member of the request that is invalid. */
  readonly param?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The rest of the body stays unread, so the connection cannot carry another request. */
const closing = { Connection: "close" };

/** SDKs of providers read only the member `error`, so it repeats what they show: the reason and a stable code. */
function aiProblem({ param, extensions, ...init }: AiProblem): HttpProblem {
  const error = { message: init.detail, type: "invalid_request_error", code: init.type, param: param ?? null };
  return new HttpProblem({ ...init, extensions: { ...extensions, error } });
}

export function unreadableCall(reason: string): HttpProblem {
  return aiProblem({
    status: 422,
    type: "unreadable-ai-call",
    title: "Unreadable AI call",
    detail: `The body is not a call that this route understands: ${reason}.`,
  });
}

export function namedInQuery(param: string): HttpProblem {
  return aiProblem({
    status: 422,
    type: "unreadable-ai-call",
    title: "Unreadable AI call",
    detail: `The query has the parameter \`${param}\`, which some services prefer to the body. Name it in the body alone.`,
    param,
  });
}

export function modelNotAllowed(model: string | undefined, param: string): HttpProblem {
  const detail =
    model === undefined
      ? `The call names no model. Set \`${param}\` to one that this route allows.`
      : "This route does not allow the requested model. Choose another one.";
  return aiProblem({ status: 403, type: "model-not-allowed", title: "Model not allowed", detail, param });
}

export function outputLimitTooLarge(limit: number, param: string, choices: number): HttpProblem {
  const each = choices === 1 ? "" : `, for all ${choices} choices together`;
  return aiProblem({
    status: 422,
    type: "output-limit-too-large",
    title: "Output limit too large",
    detail: `This route allows at most ${limit} output tokens${each}. Lower \`${param}\`.`,
    param,
    extensions: { limit_tokens: limit },
  });
}

export function payloadTooLarge(limit: number): HttpProblem {
  return aiProblem({
    status: 413,
    type: "payload-too-large",
    title: "Payload too large",
    detail: `The body is larger than ${limit} bytes. Send less.`,
    headers: closing,
    extensions: { limit_bytes: limit },
  });
}

export function unsupportedCoding(): HttpProblem {
  return aiProblem({
    status: 415,
    type: "unsupported-media-type",
    title: "Unsupported media type",
    detail: "The body is compressed. Send it without a Content-Encoding.",
    headers: { "Accept-Encoding": "identity" },
  });
}

export function unsupportedType(): HttpProblem {
  return aiProblem({
    status: 415,
    type: "unsupported-media-type",
    title: "Unsupported media type",
    detail: "The Content-Type must be application/json in UTF-8.",
    headers: { Accept: "application/json" },
  });
}

export function bodyTimeout(limitMs: number): HttpProblem {
  return aiProblem({
    status: 408,
    type: "request-timeout",
    title: "Request timeout",
    detail: `The body did not arrive within ${limitMs / 1_000} seconds. Send it again.`,
    headers: closing,
  });
}

export function incompleteStream(): HttpProblem {
  const detail = "The stream of the upstream service ended before it was complete. Try again.";
  return new HttpProblem({ status: 502, type: "bad-gateway", title: "Bad Gateway", detail });
}
