import type { ResponseHeaders } from "./response-head.ts";

const eventStream = /^text\/event-stream\s*(?:;|$)/i;

/**
 * Other types of content that is produced while it is sent, so its whole duration cannot be limited: sequences of records
 * (newline-delimited JSON, RFC 7464, Amazon's event streams), gRPC, Connect, and images that replace each other.
 */
const streamType =
  /^(?:application\/(?:x-ndjson|ndjson|x-jsonlines|jsonlines|jsonl|json-seq|stream\+json|vnd\.amazon\.eventstream|grpc(?:-web)?(?:-text)?(?:\+[\w.-]+)?|connect\+[\w.-]+)|multipart\/x-mixed-replace)\s*(?:;|$)/i;

/** Whether the content is server-sent events. */
export function isEventStream({ "content-type": type }: ResponseHeaders): boolean {
  return typeof type === "string" && eventStream.test(type);
}

/** Whether a response is a stream by its content type. */
export function isStream({ "content-type": type }: ResponseHeaders): boolean {
  return typeof type === "string" && (eventStream.test(type) || streamType.test(type));
}

/**
 * Whether the duration of a response is unlimited: a stream that is not an error and has no length. The content type alone is not enough,
 * because any response can claim it.
 */
export function isOpenEnded(status: number, headers: ResponseHeaders): boolean {
  return status < 400 && headers["content-length"] === undefined && isStream(headers);
}
