import type { AnswerHeaders } from "./response-headers.ts";

const eventStream = /^text\/event-stream\s*(?:;|$)/i;

/**
 * Other types of content that is made while it is sent, so that no time can be set for the whole of it: records one after
 * another (newline-delimited JSON, RFC 7464, Amazon's event streams), gRPC, Connect, and images that replace each other.
 */
const streamType =
  /^(?:application\/(?:x-ndjson|ndjson|x-jsonlines|jsonlines|jsonl|json-seq|stream\+json|vnd\.amazon\.eventstream|grpc(?:-web)?(?:-text)?(?:\+[\w.-]+)?|connect\+[\w.-]+)|multipart\/x-mixed-replace)\s*(?:;|$)/i;

/** Whether the content is server-sent events. */
export function isEventStream({ "content-type": type }: AnswerHeaders): boolean {
  return typeof type === "string" && eventStream.test(type);
}

/** Whether a response is a stream by its content type. */
export function isStream({ "content-type": type }: AnswerHeaders): boolean {
  return typeof type === "string" && (eventStream.test(type) || streamType.test(type));
}

/**
 * Whether a response may go on for as long as it likes: a stream that is no error and has no end set. The type alone is a claim that every
 * response can make.
 */
export function isOpenEnded(status: number, headers: AnswerHeaders): boolean {
  return status < 400 && headers["content-length"] === undefined && isStream(headers);
}
