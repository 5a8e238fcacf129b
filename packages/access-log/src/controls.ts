// oxlint-disable-next-line no-control-regex -- a terminal obeys these characters, and a log line may hold a client's text
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;
/** Those of them that JSON leaves as they are in a string. */
const leftByJson = /[\u007f-\u009f\u2028\u2029]/g;

export function escapeControls(text: string): string {
  return text.replace(controls, escape);
}

/** A line of JSON with the same meaning, in which a terminal finds nothing to obey and no reader takes the text for two lines. */
export function escapeLine(line: string): string {
  return line.replace(leftByJson, escape);
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
