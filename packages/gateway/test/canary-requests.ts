import { request } from "node:http";

import { rawRequest } from "@aivillage/testing";

import type { Canaries } from "./canary-support.ts";

/** What came back. */
export interface HttpResponse {
  readonly what: string;
  readonly status: number;
  readonly text: string;
}

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Header fields in which clients, by habit or by mistake, send what is nobody's business. */
export function secretHeaders(canaries: Canaries): Record<string, string> {
  const plant = (name: string): string => canaries.plant(`the header ${name}`);
  return {
    Cookie: `session=${plant("Cookie")}; other="${plant("Cookie")}"`,
    "Proxy-Authorization": `Basic ${plant("Proxy-Authorization")}`,
    "X-Api-Key": plant("X-Api-Key"),
    "X-Forwarded-For": plant("X-Forwarded-For"),
    Forwarded: `for=${plant("Forwarded")}`,
    Referer: `http://a.example/?token=${plant("Referer")}`,
    "Idempotency-Key": plant("Idempotency-Key"),
    Baggage: `user=${plant("Baggage")}`,
    Origin: `https://${plant("Origin")}.example`,
  };
}

/** Sends on a connection of its own, with everything that `fetch()` would not let pass. */
export function send(port: number, { method, path, headers = {}, body }: Sent): Promise<HttpResponse> {
  return new Promise((resolve) => {
    const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
    const sent = request({ port, host: "127.0.0.1", method, path, headers: { ...headers, ...length }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      const { statusCode: status = 0, rawHeaders } = response;
      const done = (): void =>
        resolve({ what: `${method} ${path}`, status, text: `${rawHeaders.join("\n")}\n\n${Buffer.concat(chunks).toString()}` });
      response
        .on("data", (chunk: Buffer) => chunks.push(chunk))
        .on("end", done)
        .on("error", done);
    });
    // A refused upload may be answered, and its connection closed, before it has been sent.
    sent.on("error", ({ message }) => resolve({ what: `${method} ${path}`, status: 0, text: message })).end(body);
  });
}

/** What is no HTTP, or hardly, with a secret in it. */
export async function sendMalformed(port: number, canaries: Canaries): Promise<HttpResponse[]> {
  const bearer = (): string => `Authorization: Bearer ${canaries.plant("a malformed request")}\r\n`;
  const requests = [
    `HELLO ${canaries.plant("a malformed request")}\r\n\r\n`,
    `GET /?k=${canaries.plant("a malformed request")} HTTP/9.9\r\n${bearer()}\r\n`,
    `POST /v1/chat HTTP/1.1\r\nHost: a\r\n${bearer()}Bad Header ${canaries.plant("a malformed request")}: x\r\n\r\n`,
    `POST /v1/chat HTTP/1.1\r\nHost: a\r\n${bearer()}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `POST /v1/chat HTTP/1.1\r\nHost: a\r\n${bearer()}Transfer-Encoding: chunked\r\n\r\n${canaries.plant("a malformed request")}\r\n`,
    `GET / HTTP/1.1\r\nHost: a\r\n${bearer()}X-Large: ${canaries.plant("a large header").repeat(900)}\r\n\r\n`,
    `CONNECT ${canaries.plant("a tunnel")}.example:443 HTTP/1.1\r\nHost: a\r\n${bearer()}\r\n`,
  ];
  const responses: HttpResponse[] = [];
  for (const bytes of requests) {
    const text = await rawRequest(port, bytes);
    responses.push({ what: JSON.stringify(bytes.slice(0, 20)), status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text });
  }
  return responses;
}

/** A chunked request whose trailer is a secret. */
export function withTrailer(port: number, key: string, message: string, trailer: string): Promise<string> {
  const body = JSON.stringify({ message });
  const head = `POST /v1/chat HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nTrailer: X-Secret`;
  const chunk = `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\nX-Secret: ${trailer}\r\n\r\n`;
  return rawRequest(port, `${head}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`, 2_000);
}

const boundary = "a-boundary-of-the-test";

/** A form with one file and one field. */
export function form({
  fileName,
  file,
  field,
  fieldName = "note",
}: Record<"fileName" | "file" | "field", string> & { fieldName?: string }) {
  const part = (disposition: string, type: string, content: string): string =>
    `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${type}\r\n${content}\r\n`;
  const body = `${part(`name="${fieldName}"`, "", field)}${part(`name="file"; filename="${fileName}"`, "Content-Type: text/plain\r\n", file)}--${boundary}--\r\n`;
  return { headers: { "Content-Type": `multipart/form-data; boundary=${boundary}` }, body };
}
