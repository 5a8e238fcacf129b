/** Requests that are nearly right: valid ones with a few problems, made from a seed so that each can be made again. */

/** A generator of numbers from 0 to 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Draft {
  line: string;
  fields: string[];
  body: string;
}

type Random = () => number;
type Mutation = (draft: Draft, random: Random) => void;

const pick = <T>(random: Random, list: readonly [T, ...T[]]): T => list[Math.floor(random() * list.length)] ?? list[0];
const binary = (random: Random, length: number): string =>
  Array.from({ length }, () => String.fromCharCode(Math.floor(random() * 256))).join("");

const json = '{"query":"What is the capital of France?"}';
const form = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n';

const valid: readonly [(key: string) => Draft, ...((key: string) => Draft)[]] = [
  () => ({ line: "GET / HTTP/1.1", fields: ["Host: gateway", "Accept: */*"], body: "" }),
  () => ({ line: "GET /livez?deep=1 HTTP/1.1", fields: ["Host: gateway"], body: "" }),
  (key) => post("/v1/query", key, "application/json", json),
  (key) => post("/v1/chat", key, "application/json", '{"message":"hello"}'),
  (key) => post("/v1/upload", key, "multipart/form-data; boundary=b", form),
];

function post(path: string, key: string, type: string, body: string): Draft {
  const fields = ["Host: gateway", `Authorization: Bearer ${key}`, `Content-Type: ${type}`, `Content-Length: ${body.length}`];
  return { line: `POST ${path} HTTP/1.1`, fields, body };
}

const chunked = (draft: Draft, body: string): void => {
  draft.fields = [...draft.fields.filter((field) => !field.startsWith("Content-Length")), "Transfer-Encoding: chunked"];
  draft.body = body;
};
const replaceField =
  (name: string, value: string): Mutation =>
  (draft) => {
    draft.fields = [...draft.fields.filter((field) => !field.startsWith(`${name}:`)), `${name}: ${value}`];
  };
const addField =
  (field: string): Mutation =>
  (draft) =>
    void draft.fields.push(field);
const ofLine =
  (change: (line: string, random: Random) => string): Mutation =>
  (draft, random) => {
    draft.line = change(draft.line, random);
  };

const methods = ["get", "G T", "", "CONNECT", "TRACE", "PRI", "M-SEARCH", "POSTPOSTPOST", "\0GET", "OPTIONS", "PATCH"] as const;
const versions = [
  "HTTP/1.2",
  "HTTP/2.0",
  "HTTP/0.9",
  "HTTP/1.0",
  "http/1.1",
  "HTTP/11",
  "HTTP/1.",
  "FTP/1.1",
  "",
  "HTTP/1.1 junk",
] as const;
const targets = [
  "*",
  "//",
  "/%",
  "/%00",
  "/\\..\\",
  "http://",
  "http://[::1",
  "/v1/query#x",
  "/a b",
  "/\u00ff",
  "?",
  "/../../etc",
  "%2e%2e/",
] as const;

const mutations: readonly [Mutation, ...Mutation[]] = [
  ofLine((line, random) => line.replace(/^\S+/, pick(random, methods))),
  ofLine((line, random) => line.replace(/\S+$/, pick(random, versions))),
  ofLine((line, random) => line.replace(/ \S+ /, ` ${pick(random, targets)} `)),
  ofLine((line) => line.replace(/ (\S+) /, (_, path: string) => ` ${path}${"a".repeat(20_000)} `)),
  ofLine((line) => line.replaceAll(" ", "\t")),
  ofLine((line, random) => line.slice(0, Math.floor(random() * line.length))),
  ofLine((line, random) => binary(random, 1 + Math.floor(random() * 40)) + line),
  replaceField("Host", "a b"),
  (draft) => void draft.fields.shift(),
  addField("Host: another"),
  addField("Content-Length: 5"),
  replaceField("Content-Length", "-1"),
  replaceField("Content-Length", "1e3"),
  replaceField("Content-Length", "99999999999999999999"),
  replaceField("Content-Length", "+5"),
  replaceField("Content-Length", "5, 5"),
  addField("Transfer-Encoding: chunked"),
  addField("Transfer-Encoding: gzip, chunked"),
  addField("Transfer-Encoding: chunked, identity"),
  addField("Transfer-Encoding : chunked"),
  addField(" folded: value"),
  addField("No-Colon"),
  addField(": no-name"),
  addField("Bad Name: x"),
  addField(`X-Huge: ${"x".repeat(20_000)}`),
  (draft) => void draft.fields.push(...Array.from({ length: 2_500 }, (_, at) => `X-${at}: y`)),
  (draft, random) => void draft.fields.push(`X-Binary: ${binary(random, 20)}`),
  (draft, random) => void draft.fields.push(`${binary(random, 8)}: x`),
  addField("X-Nul: a\0b"),
  addField("X-Lone: a\rb"),
  replaceField("Authorization", "Bearer"),
  replaceField("Authorization", "Basic ::::"),
  replaceField("Content-Type", "application/json; charset=utf-7"),
  replaceField("Content-Type", "multipart/form-data"),
  replaceField("Content-Type", "\u00e9"),
  addField("Content-Encoding: br"),
  addField("Content-Encoding: gzip, gzip, gzip"),
  addField("Expect: 200-maybe"),
  addField("Expect: 100-continue"),
  addField("Connection: upgrade"),
  addField("Connection: Host, Authorization, Content-Length"),
  addField("traceparent: 00-zz-zz-01"),
  addField("X-Forwarded-For: ',',,::::"),
  addField("Range: bytes=9999999999-0,-"),
  addField("Cookie: =;=;;"),
  (draft) => chunked(draft, `${draft.body.length.toString(16)}\r\n${draft.body}\r\n0\r\n\r\n`),
  (draft) => chunked(draft, "zz\r\nhello\r\n0\r\n\r\n"),
  (draft) => chunked(draft, "-5\r\nhello\r\n0\r\n\r\n"),
  (draft) => chunked(draft, "ffffffffffffffffff\r\nhello"),
  (draft) => chunked(draft, "5\nhello\n0\n\n"),
  (draft) => chunked(draft, `5;${"e".repeat(20_000)}\r\nhello\r\n0\r\n\r\n`),
  (draft) => chunked(draft, `5\r\nhelloo\r\n0\r\n\r\n`),
  (draft) => chunked(draft, `5\r\nhello\r\n0\r\nTrailer-Without-Colon\r\n\r\n`),
  (draft, random) => void (draft.body = draft.body.slice(0, Math.floor(random() * draft.body.length))),
  (draft) => void (draft.body += "G".repeat(1_000)),
  (draft, random) => void (draft.body = binary(random, draft.body.length)),
  (draft) => void (draft.body = draft.body.replace("{", "[".repeat(40))),
  (draft) => void (draft.body = draft.body.replaceAll('"', "\ud800")),
];

const lineEnds = ["\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\n\r"] as const;

/** One request with one to four problems, alone or with others behind it on the same connection. */
export function malformedRequest(random: Random, key: string): Buffer {
  const draft = pick(random, valid)(key);
  const count = 1 + Math.floor(random() * 4);
  for (let problem = 0; problem < count; problem += 1) pick(random, mutations)(draft, random);
  const end = pick(random, lineEnds);
  let text = [draft.line, ...draft.fields, "", draft.body].join(end);
  if (random() < 0.1) text = text.repeat(2 + Math.floor(random() * 20));
  if (random() < 0.05) text = text.slice(0, Math.floor(random() * text.length));
  if (random() < 0.02) text = binary(random, 1 + Math.floor(random() * 2_000));
  return Buffer.from(text, "latin1");
}
