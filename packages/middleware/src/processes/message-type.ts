/** Whether a message between processes has this type; messages of other types belong to somebody else. */
export function hasMessageType(message: unknown, type: string): message is { readonly type: string } {
  return typeof message === "object" && message !== null && (message as { type?: unknown }).type === type;
}
