import assert from "node:assert/strict";
import { test } from "node:test";

import { problemDetails, type ProblemDetailsOptions } from "../src/index.ts";

const refused = (options: unknown, message: RegExp): void => {
  assert.throws(() => problemDetails(options as ProblemDetailsOptions), { name: "TypeError", message });
};

test("an unknown option is named together with the known ones", () => {
  refused(
    { typeURI: "x" },
    /^@aivillage\/problem-details: unknown option `typeURI` \(did you mean `typeUri`\?\); known options: typeUri, requestId, mediaType, errorMember, log$/,
  );
});

test("a bad value is named with what was expected and what came", () => {
  refused({ typeUri: "https://example.com/" }, /option `typeUri` must be a URI that contains \{slug\} once, without spaces, got 'https:/);
  refused({ typeUri: "https://example.com/{slug}/{slug}" }, /option `typeUri`/);
  refused({ typeUri: "https://example.com/a b/{slug}" }, /option `typeUri`/);
  refused({ typeUri: 'https://example.com/"{slug}' }, /option `typeUri`/);
  refused({ typeUri: new URL("https://example.com/{slug}") }, /option `typeUri`/);
  refused({ requestId: "r-1" }, /option `requestId` must be a function, got 'r-1'/);
  refused(null, /options must be an object, got null/);
});

test("URIs, URNs and paths are taken", () => {
  for (const typeUri of [
    "https://example.com/{slug}",
    "urn:example:problem:{slug}",
    "/problems/{slug}",
    "https://e.com/?type={slug}#top",
  ]) {
    assert.equal(problemDetails({ typeUri }).length, 4);
  }
});

test("hosts recognise the error handler by its four parameters", () => {
  assert.equal(problemDetails().length, 4);
  assert.equal(problemDetails().name, "problemDetailsHandler");
});
