/**
 * Reads server-sent events from a response: what `EventSource` does, which sends no `Authorization` header.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @returns {AsyncGenerator<{ name: string, data: string }>}
 */
export async function* readEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) yield parse(block);
  }
}

/** @param {string} block */
function parse(block) {
  const lines = block.split("\n");
  const of = (/** @type {string} */ field) => lines.find((line) => line.startsWith(field))?.slice(field.length) ?? "";
  return { name: of("event: "), data: of("data: ") };
}
