import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { readArguments, usage } from "../src/arguments.ts";
import { cases } from "../src/cases.ts";
import { contestants } from "../src/contestants/contestants.ts";

describe("the command line", () => {
  test("measures everything in five rounds of five seconds by default", () => {
    assert.deepEqual(readArguments([]), {
      rounds: 3,
      seconds: 6,
      warmUpSeconds: 10,
      cases: cases.map(({ id }) => id),
      only: contestants.map(({ id }) => id),
      accessLog: false,
      json: undefined,
      svg: undefined,
    });
  });

  test("takes rounds, times, lists and files", () => {
    const given = "--rounds 1 --seconds 2 --warm-up 3 --cases post,sse --only ours,nginx --access-log --json a.json --svg b.svg";
    assert.deepEqual(readArguments(given.split(" ")), {
      rounds: 1,
      seconds: 2,
      warmUpSeconds: 3,
      cases: ["post", "sse"],
      only: ["ours", "nginx"],
      accessLog: true,
      json: "a.json",
      svg: "b.svg",
    });
  });

  test("passes over the two dashes of a package manager", () => {
    assert.deepEqual(readArguments(["--", "--rounds", "2"]), readArguments(["--rounds", "2"]));
  });

  test("shows its usage when asked", () => {
    assert.equal(readArguments(["--help"]), "help");
    for (const { id } of [...cases, ...contestants]) assert.ok(usage.includes(id), id);
  });

  for (const [argv, message] of [
    [["--rounds", "0"], /--rounds must be an integer from 1 to 100, got "0"/],
    [["--seconds", "five"], /--seconds must be an integer from 1 to 600, got "five"/],
    [["--warm-up", "1.5"], /--warm-up must be/],
    [["--cases", "post,get"], /--cases takes post, post-1k, .*, got "get"/],
    [["--only", ""], /--only takes ours, ours-unmetered, .*, got ""/],
    [["--fast"], /--fast/],
    [["post"], /post/],
  ] as const) {
    test(`refuses ${argv.join(" ")}`, () => assert.throws(() => readArguments(argv), message));
  }
});
