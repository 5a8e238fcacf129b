import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { describe, test } from "node:test";

import { readFromRoot, root, tableRows } from "@aivillage/testing";

import { warningRules } from "../src/config/rules/config-warnings.ts";
import { type Rule, productionRules } from "../src/config/rules/production-rules.ts";
import { isPublishedDigest } from "../src/config/rules/published-keys.ts";
import { problemsOf } from "./config-support.ts";
import { goodKeys } from "./production-configurations.ts";

const pages = globSync(["*.md", ".env.example", "docs/**/*.md", "packages/*/README.md", "examples/**/*.{md,ts,cjs,yaml,yml,env,conf}"], {
  cwd: root,
  exclude: (path) => /node_modules|^docs\/api|(^|\/)test(\/|$)/.test(path),
});

/** Keys of the form that `keys create` makes, and what stands where a key belongs. */
const keyForms = [
  /\b[a-z][a-z0-9]{1,15}_[0-9A-Za-z]{12}\.[0-9A-Za-z]{40,}\b/g,
  /\b(?:api_?key|secret_?key|secret|Bearer)["'`]?[:=]? *["'`]?([\w.~+/-]{16,}=*)/gi,
];

const found = (forms: readonly RegExp[]): string[] => [
  ...new Set(pages.flatMap((page) => forms.flatMap((form) => Array.from(readFromRoot(page).matchAll(form), ([all, key = all]) => key)))),
];

describe("what the documentation and the examples show", () => {
  test("opens no production gateway as a key", () => {
    // A path or a name of a variable is no key.
    const shown = found(keyForms).filter((text) => !/^\/|^process\.env|^[A-Z_]+$|^https?:/.test(text));
    assert.ok(shown.includes("dev-gateway-key-12345") && shown.some((key) => key.startsWith("aiv_")), shown.join());
    for (const key of shown) {
      const problems = problemsOf({ env: { ...goodKeys, ENVIRONMENT: "production", CORS_ORIGINS: "https://app.example", API_KEY: key } });
      assert.match(problems[0] ?? "", /^API_KEY (is the public|contains a key|has \d+ characters|is guessable)/, key);
    }
  });

  test("opens no production gateway as a digest in a keys file", () => {
    const digests = found([/\b[0-9a-f]{64}\b/g]);
    assert.ok(digests.length >= 3);
    assert.deepEqual(
      digests.filter((digest) => !isPublishedDigest(digest)),
      [],
    );
  });
});

describe("SECURITY.md", () => {
  const rows = tableRows(readFromRoot("SECURITY.md"));
  const lines = (rules: readonly Rule[], verdict: string): string[][] => rules.map(({ name, line }) => [line, verdict, `\`${name}\``]);

  test("has the production checklist as the checks enforce it", () => {
    const checklist = rows.filter(([, verdict = ""]) => ["refused", "warned"].includes(verdict));
    assert.deepEqual(checklist, [...lines(productionRules, "refused"), ...lines(warningRules, "warned")]);
  });

  test("names each rule once", () => {
    const names = [...productionRules, ...warningRules].map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });
});
