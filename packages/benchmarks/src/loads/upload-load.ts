import { Agent, request } from "node:http";

import { percentile } from "../statistics.ts";
import { apiKey, mebibyte, pageOrigin } from "../traffic.ts";
import type { Load } from "./load.ts";

const boundary = "----bench-boundary-7f3a9c";
const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="report.pdf"\r\nContent-Type: application/pdf\r\n\r\n`;
const tail = `\r\n--${boundary}--\r\n`;
const chunk = Buffer.alloc(65_536, "The quick brown fox jumps over the lazy dog. ");
const firstChunk = Buffer.concat([Buffer.from("%PDF-1.7\n"), chunk.subarray(9)]);

/** Uploads a PDF again and again over as many connections as said, at least once each; units are MiB. */
export function uploadLoad(fileMebibytes: number, connections: number): Load {
  return async ({ port, seconds }) => {
    const agent = new Agent({ keepAlive: true });
    const startedAt = performance.now();
    const tookMs: number[] = [];
    async function repeat(): Promise<void> {
      do {
        const before = performance.now();
        await upload(port, fileMebibytes * mebibyte, agent);
        tookMs.push(performance.now() - before);
      } while (performance.now() - startedAt < seconds * 1_000);
    }
    await Promise.all(Array.from({ length: connections }, repeat)).finally(() => agent.destroy());
    return {
      units: tookMs.length * fileMebibytes,
      seconds: (performance.now() - startedAt) / 1_000,
      p50Ms: percentile(tookMs, 0.5),
      p99Ms: percentile(tookMs, 0.99),
    };
  };
}

function upload(port: number, fileBytes: number, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({
      port,
      host: "127.0.0.1",
      method: "POST",
      path: "/v1/upload",
      agent,
      headers: {
        Authorization: `Bearer ${apiKey}`,
        Origin: pageOrigin,
        "Content-Type": `multipart/form-data; boundary=${boundary}`,
        "Content-Length": head.length + fileBytes + tail.length,
      },
    });
    sent.on("error", reject);
    sent.on("response", (res) => {
      res.resume();
      res.on("error", reject);
      res.on("end", () => (res.statusCode === 200 ? resolve() : reject(new Error(`an upload got ${res.statusCode}`))));
    });
    sent.write(head);
    writeFile(sent, fileBytes);
  });
}

function writeFile(sent: ReturnType<typeof request>, fileBytes: number): void {
  let left = fileBytes;
  function more(): void {
    while (left > 0) {
      const next = left === fileBytes ? firstChunk : chunk;
      left -= next.length;
      if (!sent.write(next)) return void sent.once("drain", more);
    }
    sent.end(tail);
  }
  more();
}
