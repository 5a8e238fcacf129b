import assert from "node:assert/strict";
import { test } from "node:test";

import { checkPartHeaders } from "../src/form/part-headers.ts";

const disposition = "Content-Disposition: form-data; name=a";
const many = 1_000_000;

test("blanks before the value of a header are passed over, whatever their number", () => {
  for (const blanks of ["", " ", "\t ", " ".repeat(100)]) {
    assert.equal(checkPartHeaders(`Content-Disposition:${blanks}form-data; name=a\r\nContent-Type:${blanks}text/plain`, 16), true);
  }
  assert.throws(() => checkPartHeaders(`${disposition}\r\nContent-Type:\u00a0text/plain`, 16), /Content-Type that is none/);
});

test("a header line is read in linear time", () => {
  // Each would take hours if every blank were tried as the last one before the value.
  for (const blank of [" ", "\t", " \t"]) {
    const line = `X:${blank.repeat(many)}`;
    assert.throws(() => checkPartHeaders(`${line}\u0001`, 16), /header line that is none/);
    assert.throws(() => checkPartHeaders(line, 16), /no `Content-Disposition/);
  }
});
