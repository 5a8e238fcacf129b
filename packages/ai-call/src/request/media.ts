/** Members that hold the bytes of a picture, recording or document as base64: Anthropic's `data`, OpenAI's others. */
const base64Members = new Set(["data", "file_data", "b64_json"]);
/** Members that hold the address of one. */
const addressMembers = new Set(["url", "image_url", "file_url"]);
/** Members that models read as text, whatever it begins with. A text without a member is one too. */
const textMembers = new Set(["", "text", "content", "arguments", "output", "thinking"]);

/** Whether a string of a message is a picture, a recording or a document instead of text. */
export function isMedia(bytes: Buffer, start: number, end: number, name: string): boolean {
  if (textMembers.has(name)) return false;
  const isNamed = addressMembers.has(name) || (base64Members.has(name) && end - start >= 64);
  if (!isNamed && bytes.toString("latin1", start, Math.min(start + 5, end)) !== "data:") return false;
  // Neither base64 nor an address has one.
  return !bytes.subarray(start, end).includes(0x20);
}
