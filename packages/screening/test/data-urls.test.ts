import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { isDataUrl, screen } from "../src/index.ts";

const picture = "data:image/png;base64,iVBORw0KGgo=";
const profiles = ["strict", "prose"] as const;

describe("data: URLs", () => {
  test("of pictures, sound and documents are not text, alone and in Markdown", () => {
    const others = [
      "data:audio/wav;base64,UklGRg==",
      "data:application/pdf;base64,JVBERi0xLjcK",
      "data:text/plain;charset=utf-8;base64,aGk",
    ];
    for (const url of [picture, ...others, "data:image/gif;base64,"]) {
      assert.ok(isDataUrl(url), url);
      for (const profile of profiles) assert.deepEqual(screen(url, { profile }), [], url);
      assert.deepEqual(screen(`What is this? ![x](${url}) And "this": ${url}`, { profile: "prose" }), [], url);
    }
  });

  test("what stands beside them is screened, at its position", () => {
    const attack = "' or 1=1 --";
    const [first] = screen(`${picture}${attack}`, { profile: "prose" });
    assert.equal(first?.class, "sqli");
    const [found] = screen(`![x](${picture}) <script>alert(1)</script>`, { profile: "prose" });
    assert.deepEqual([found?.class, found?.span[0]], ["xss", picture.length + 7]);
  });

  test("of types that browsers run are text", () => {
    for (const type of ["text/html", "image/svg+xml", "application/xhtml+xml", "text/javascript", "application/x-php"]) {
      assert.ok(!isDataUrl(`data:${type};base64,PHN2Zz4=`), type);
    }
    assert.equal(screen("data:text/html;base64,PHNjcmlwdD4=", { profile: "prose" })[0]?.class, "xss");
    assert.equal(screen("data:text/html,<script>alert(1)</script>", { profile: "prose" })[0]?.class, "xss");
  });

  test("that are not valid are text", () => {
    const invalid = [
      "data:image/png;base64,abcde",
      "data:image/png;base64,abc==",
      "data:image/png;base64,ab_d",
      "data:image/png;base64,abc%3D",
      "data:image/png;base64,abcd;id",
      "data:png;base64,abcd",
      "data:;base64,abcd",
      "data:image/png,abcd",
      "DATA:image/png;base64,abcd",
      " data:image/png;base64,abcd",
    ];
    for (const url of invalid) assert.ok(!isDataUrl(url), url);
    assert.ok(screen("data:image/png;base64,abcd;id", { profile: "strict" }).length > 0);
  });
});
