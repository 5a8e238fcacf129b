import { setting } from "./setting.ts";

/** How large bodies may be. A route may set its own. */
export const inputSettings = {
  maxBodyBytes: setting("MAX_BODY_BYTES", "bytes", 1_048_576, "Largest JSON body in bytes"),
  maxBodyMemory: setting(
    "MAX_BODY_MEMORY",
    "bytes-or-none",
    268_435_456,
    "Bytes that the JSON bodies of all requests in progress may have together in a process, and one client half of what the others leave; 0 for no limit",
  ),
  maxStreamedBytes: setting(
    "MAX_STREAMED_BYTES",
    "bytes-or-none",
    0,
    "Largest body of a route with `body: stream` in bytes; 0 for no limit",
  ),
  maxStringLength: setting("MAX_STRING_LENGTH", "count", 100_000, "Longest string in a JSON body, in UTF-16 code units"),
  maxDepth: setting("MAX_JSON_DEPTH", "depth", 32, "Deepest nesting of objects and arrays in a JSON body"),
};
