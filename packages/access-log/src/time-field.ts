let second = -1;
let upToSecond = "";

/** The ISO time of now as the start of a line's JSON. Most lines share their second, whose text is kept. */
export function timeField(): string {
  const now = Date.now();
  const milliseconds = now % 1_000;
  if (now - milliseconds !== second) {
    second = now - milliseconds;
    upToSecond = new Date(second).toISOString().slice(0, -4);
  }
  return `,"time":"${upToSecond}${String(milliseconds).padStart(3, "0")}Z"`;
}
