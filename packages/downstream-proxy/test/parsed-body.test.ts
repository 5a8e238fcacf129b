import assert from "node:assert/strict";
import { parse, stringify } from "node:querystring";
import { test } from "node:test";

import { parsedBody } from "../src/body/parsed-body.ts";

const form = "application/x-www-form-urlencoded";

/** What is sent for a value that a parser made of `sent`. */
function again(value: unknown, type: string, sent: string | undefined, encoding?: string) {
  const length = sent === undefined ? undefined : String(Buffer.byteLength(sent));
  const result = parsedBody(value, { "content-type": type, "content-length": length, "content-encoding": encoding });
  return result === undefined ? undefined : [result.contentType, result.body.toString()];
}

test("parameters of the type stay, and the charset is that of what is sent", () => {
  const profile = 'application/ld+json; profile="https://a.example/;b"';
  assert.deepEqual(again({}, profile, "{}"), [profile, "{}"]);
  assert.deepEqual(again({}, "application/json; charset=utf-16", "{}"), ["application/json", "{}"]);
  assert.deepEqual(again("hé", "text/plain", "hé"), ["text/plain; charset=utf-8", "hé"]);
  assert.deepEqual(again("x", 'text/plain; format=flowed; charset="latin1"', "x"), ["text/plain; format=flowed; charset=utf-8", "x"]);
  assert.deepEqual(again("--X\r\n--X--", "multipart/form-data; boundary=X", "--X\r\n--X--"), [
    "multipart/form-data; boundary=X",
    "--X\r\n--X--",
  ]);
  assert.deepEqual(again(Buffer.from("x"), "text/plain; charset=latin1", "x"), ["text/plain; charset=latin1", "x"]);
});

test("a quote without an end goes on to the end of the type, and costs linear time", () => {
  const unended = 'text/plain; a="b\\"; charset=latin1';
  assert.deepEqual(again("x", unended, "x"), [`${unended}; charset=utf-8`, "x"]);
  assert.deepEqual(again("x", 'text/plain; a="b\\', "x"), ['text/plain; a="b\\; charset=utf-8', "x"]);
  // It would take hours if an end were looked for from each quote on.
  for (const part of ['\\"', '"', "\\", '"\\"']) assert.ok(again("x", `text/plain; a="${part.repeat(1_000_000)}`, "x"));
});

test("a string under a type of JSON is sent as the client sent it, or not at all", () => {
  const json = "application/json";
  assert.deepEqual(again("yes", json, '"yes"'), [json, '"yes"']);
  assert.deepEqual(again('"yes"', json, '"yes"'), [json, '"yes"']);
  assert.deepEqual(again('{"a": 1}', json, '{"a": 1}'), [json, '{"a": 1}']);
  assert.deepEqual(again("5", json, '"5"'), [json, '"5"']);
  assert.deepEqual(again("5", json, "5"), [json, "5"]);
  assert.deepEqual(again("no JSON", json, undefined), [json, '"no JSON"']);
  assert.equal(again("5", json, undefined), undefined);
  assert.equal(again("5", json, "compressed", "gzip"), undefined);
});

test("integers that have lost digits are not sent, digits in strings are", () => {
  const send = (text: string) => again(JSON.parse(text), "application/json", text)?.[1];
  assert.equal(send('{"id":12345678901234567890}'), undefined);
  assert.equal(send("[[1e22]]"), undefined);
  assert.equal(send('{"id":"12345678901234567890"}'), '{"id":"12345678901234567890"}');
  assert.equal(send("[9007199254740991,0.1234567890123456,1e3]"), "[9007199254740991,0.1234567890123456,1000]");
});

test("lists in forms are sent only if their names had no brackets", () => {
  assert.deepEqual(again({ a: ["1", "2"], b: "x y" }, form, "a=1&a=2&b=x+y"), [form, "a=1&a=2&b=x+y"]);
  assert.equal(again({ a: ["1", "2"] }, form, "a[]=1&a[]=2"), undefined);
  assert.equal(again({ a: ["1"] }, form, "a[0]=1"), undefined);
  assert.equal(again({ a: ["1", "2"] }, form, "a%5B%5D=1&a%5B%5D=2"), undefined);
  assert.equal(again({ a: ["1", "2"], b: "x y" }, form, "a%5B0%5D=1&a%5B1%5D=2&b=x%20y"), undefined);
  assert.equal(again({ a: ["1", "2"] }, form, undefined), undefined);
  assert.equal(again({ a: { b: "1" } }, form, "a[b]=1"), undefined);
  assert.deepEqual(again({ a: "é" }, form, "a=%C3%A9"), [form, "a=%C3%A9"]);
});

test("repeated fields are sent again however their client encodes them", () => {
  const parsed = { name: "Ada L", msg: "it's (ok)!*~", tag: ["x é", "y"] };
  const text = new URLSearchParams([
    ["name", "Ada L"],
    ["msg", "it's (ok)!*~"],
    ["tag", "x é"],
    ["tag", "y"],
  ]).toString();
  const rfc3986 = "name=Ada%20L&msg=it%27s%20%28ok%29%21%2A~&tag=x%20%C3%A9&tag=y";
  const rfc1738 = rfc3986.replaceAll("%20", "+").replace("%28ok%29", "(ok)");
  for (const sent of [text, stringify(parsed), rfc3986, rfc3986.replaceAll("%20", "+"), rfc1738]) {
    assert.deepEqual(again(parsed, form, sent), [form, text]);
  }
});

test("names that have kept their brackets are sent again with them", () => {
  const text = "a%5B%5D=1&a%5B%5D=2&b=3&b=4";
  assert.deepEqual(again({ "a[]": ["1", "2"], b: ["3", "4"] }, form, undefined), [form, text]);
  assert.deepEqual(again(parse("b=3&b=4"), form, undefined), [form, "b=3&b=4"]);
});

test("text that has lost bytes is not sent", () => {
  assert.equal(again("a\uFFFDb", "text/plain", "a?b"), undefined);
  assert.deepEqual(again("a\uFFFDb", "text/plain", "a\uFFFDb"), ["text/plain; charset=utf-8", "a\uFFFDb"]);
});
