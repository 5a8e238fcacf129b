import { Agent, request } from "node:http";

export const mebibyte = 1_048_576;
const boundary = "----WebKitFormBoundaryq0Vn3kXyT8bLr2Ws";
const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="report.pdf"\r\nContent-Type: application/pdf\r\n\r\n`;
const tail = `\r\n--${boundary}--\r\n`;
const piece = Buffer.alloc(65_536, "The quick brown fox jumps over the lazy dog. ");
const first = Buffer.concat([Buffer.from("%PDF-1.7\n"), piece.subarray(9)]);
const agent = new Agent({ keepAlive: true });

/** Uploads one file of so many MiB; resolves to the answer. */
export function uploadTo(port: number, mebibytes: number): Promise<string> {
  const bytes = mebibytes * mebibyte;
  const headers = { "Content-Type": `multipart/form-data; boundary=${boundary}`, "Content-Length": head.length + bytes + tail.length };
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", method: "POST", agent, headers }, (res) => {
      let text = "";
      res.setEncoding("utf8").on("data", (part: string) => (text += part));
      res.on("error", reject).on("end", () => {
        if (res.statusCode === 200) resolve(text);
        else reject(new Error(`an upload was answered ${res.statusCode}: ${text}`));
      });
    });
    sent.on("error", reject).write(head);
    let left = bytes;
    const more = (): void => {
      while (left > 0) {
        const next = left === bytes ? first : piece;
        left -= next.length;
        if (!sent.write(next)) return void sent.once("drain", more);
      }
      sent.end(tail);
    };
    more();
  });
}

export function endLoad(): void {
  agent.destroy();
}
