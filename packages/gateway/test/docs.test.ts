import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { readFromRoot, root, tableRows } from "@aivillage/testing";
import { publishedPackages } from "@aivillage/testing/workspace";

import { settings } from "../src/config/settings/schema.ts";
import { endpointsOf } from "../src/endpoints/endpoints.ts";
import { createGateway, loadConfig } from "../src/index.ts";
import { generatedDocs } from "../tools/generated-docs.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const code = (cell = ""): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
const sorted = (values: Iterable<string>): string[] => [...new Set(values)].toSorted();
const sourcesOf = (folders: readonly { sources: readonly string[]; read: (file: string) => string }[]): string =>
  folders.flatMap(({ sources, read }) => sources.map(read)).join("\n");
const allSources = sourcesOf(publishedPackages);

describe("docs/configuration.md", () => {
  const rows = tableRows(readFromRoot("docs/configuration.md"));

  test("and the other files made from the settings are as the settings are", () => {
    for (const [path, text] of Object.entries(generatedDocs(readFromRoot("docs/configuration.md")))) {
      assert.ok(readFromRoot(path) === text, `${path} is out of date: run pnpm docs:write`);
    }
  });

  test("has one row for each setting", () => {
    const keys = rows.filter((row) => row.length === 4).flatMap((row) => code(row[1]).slice(0, 1));
    for (const { key } of settings) assert.equal(keys.filter((name) => name === key).length, 1, key);
  });

  test("names every variable that the code reads beside the settings", () => {
    const read = [...sourcesOf(publishedPackages.filter(({ folder }) => folder === "gateway")).matchAll(/variables\["(\w+)"\]/g)].map(
      (match) => match[1] ?? "",
    );
    const others = read.filter((name) => !settings.some(({ env }) => env === name));
    const files = ["API_KEY_FILE", "AUDIT_KEY_FILE", "REDIS_URL_FILE", "SECRET_KEY_FILE", "SECRET_KEY_PREVIOUS_FILE"];
    const expected = sorted([...others, ...files]);
    assert.deepEqual(sorted(rows.filter((row) => row.length === 2 && row[0] !== "Variable").flatMap((row) => code(row[0]))), expected);
  });
});

describe("docs/http-api.md", () => {
  const page = readFromRoot("docs/http-api.md");
  const endpoints = tableRows(page).filter((row) => row.length === 4 && row[0]?.startsWith("`/"));

  test("lists exactly the endpoints of the table, with their methods", () => {
    const served = endpointsOf(loadConfig({ env: {} })).filter(({ path }) => !path.startsWith("/docs/"));
    const routes = served.flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`));
    assert.ok(routes.length >= 8);
    assert.deepEqual(sorted(endpoints.map(([path, method]) => `${method} ${code(path)[0]}`)), sorted(routes));
  });

  test("says which of them need a key", async () => {
    await using gateway = await startTestGateway();
    for (const [path, method = "", , key = ""] of endpoints) {
      const response = await fetch(gateway.url + code(path)[0], { method });
      await response.text();
      assert.equal(response.status === 401, key !== "no", `${method} ${String(path)} answered ${response.status}`);
    }
  });

  test("names every header that responses carry", async () => {
    const documented = new Set(
      tableRows(page)
        .filter((row) => row.length === 3)
        .flatMap((row) => code(row[0]))
        .map((name) => name.toLowerCase()),
    );
    const seen = await seenHeaders();
    assert.ok(seen.has("x-ratelimit-limit") && seen.has("www-authenticate") && seen.has("allow") && seen.has("via"));
    assert.deepEqual(sorted([...seen].filter((name) => !documented.has(name))), []);
  });
});

/** The names of all headers of one answer of every kind. */
async function seenHeaders(): Promise<Set<string>> {
  await using gateway = await startTestGateway({ RATE_LIMIT_REQUESTS: "4" });
  const seen = new Set<string>();
  const look = async (path: string, init: RequestInit = {}): Promise<void> => {
    const response = await fetch(gateway.url + path, init);
    await response.arrayBuffer();
    for (const name of response.headers.keys()) seen.add(name);
  };
  const query = { method: "POST", headers: { ...gateway.authorization, "content-type": "application/json" }, body: '{"query":"hello"}' };
  await look("/");
  await look("/healthz");
  await look("/metrics");
  await look("/v1/query", { method: "POST" });
  await look("/v1/query", { method: "PUT" });
  await look("/v1/query", { method: "OPTIONS", headers: { origin: "https://a.example", "access-control-request-method": "POST" } });
  await look("/nothing");
  await look("/v1/query", query);
  await look("/v1/query", { ...query, headers: { ...gateway.authorization, "content-type": "text/plain" } });
  gateway.downstream.script = { status: 503, headers: { "retry-after": "1" } };
  await look("/v1/query", query);
  for (let request = 0; request < 4; request += 1) await look("/v1/query", query);
  return seen;
}

describe("docs/metrics.md", () => {
  const documented = new Map(
    tableRows(readFromRoot("docs/metrics.md"))
      .filter((row) => row.length >= 4 && /^`(gateway|gen_ai)_/.test(row[0] ?? ""))
      .map(([name, type = "", labels]) => [code(name)[0] ?? "", { type, labels: code(labels) }]),
  );

  test("lists exactly the metrics that the gateway registers, with type and labels", async () => {
    const gateway = createGateway(loadConfig({ env: {} }));
    const registered = await gateway.registry.getMetricsAsJSON();
    await gateway.close();
    const actual = registered.filter(({ name }) => /^(gateway|gen_ai)_/.test(name)).map(({ name, type }) => `${name} ${String(type)}`);
    assert.deepEqual(sorted(actual), sorted([...documented].map(([name, { type }]) => `${name} ${type}`)));
  });

  test("names the labels that the series really have", async () => {
    await using gateway = await startTestGateway();
    const query = { method: "POST", headers: { ...gateway.authorization, "content-type": "application/json" }, body: '{"query":"hello"}' };
    await (await fetch(`${gateway.url}/v1/query`, query)).text();
    await (await fetch(`${gateway.url}/v1/query`, { method: "POST" })).text();
    await (await fetch(`${gateway.url}/healthz`)).text();
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    let compared = 0;
    for (const [name, { labels, type }] of documented) {
      const series = new RegExp(`^${name}${type === "histogram" ? "_count" : ""}(?:\\{(.*)\\})? `, "m").exec(text);
      if (series === null) continue;
      compared += 1;
      assert.deepEqual(sorted([...(series[1] ?? "").matchAll(/(\w+)="/g)].map((match) => match[1] ?? "")), sorted(labels), name);
    }
    assert.ok(compared >= 10, `${compared} metrics had series`);
  });
});

describe("docs/events.md", () => {
  test("lists exactly the events of the packages, with the name they are exported under", () => {
    const declared = [...allSources.matchAll(/export const (\w+) = event<[^>]*>\(\s*"([^"]+)"/g)].map(
      ([, name = "", channel = ""]) => `${channel} ${name}`,
    );
    assert.ok(declared.length >= 8);
    assert.equal(declared.length, [...allSources.matchAll(/"aivillage:[\w-]+:[\w-]+"/g)].length);
    const documented = tableRows(readFromRoot("docs/events.md")).filter(([channel]) => channel?.startsWith("`aivillage:"));
    assert.deepEqual(sorted(documented.map(([channel, name]) => `${code(channel)[0]} ${code(name)[0]}`)), sorted(declared));
  });
});

describe("docs/problems", () => {
  // A slug has a hyphen, which no other `type` in the sources has, such as those of JSON Schema.
  const slug = "([a-z]+(?:-[a-z]+)+)";
  const uses = [`\\btype: "${slug}"`, `Problem\\(\\d{3}, "${slug}"`, `#${slug}\``];
  const slugs = sorted(uses.flatMap((use) => Array.from(allSources.matchAll(new RegExp(use, "g")), (match) => match[1] ?? "")));
  const files = readdirSync(join(root, "docs/problems")).filter((file) => file !== "README.md");
  const pages = files.map((file) => file.replace(/\.md$/, ""));

  test("has a page for every type that the code uses", () => {
    assert.ok(slugs.length >= 20, `${slugs.length} types were found`);
    assert.deepEqual(
      slugs.filter((used) => !pages.includes(used)),
      [],
    );
  });

  test("has no page for a type that no code uses", () => {
    const isUsed = (name: string): boolean => new RegExp(`["#]${name}["\`]`).test(allSources);
    assert.deepEqual(
      pages.filter((name) => name !== "about-blank" && !isUsed(name)),
      [],
    );
  });

  test("are all in the list of problems, with their status and title", () => {
    const listed = tableRows(readFromRoot("docs/problems/README.md"))
      .slice(1)
      .map(([status, type = "", title]) => [code(type)[0], status, title]);
    const shown = pages.map((page) => {
      const text = readFromRoot(`docs/problems/${page}.md`);
      return [page, /^\*\*Status:\*\* (.+)$/m.exec(text)?.[1], /"title": "(.+?)"/.exec(text)?.[1]];
    });
    assert.deepEqual(sorted(listed.map(String)), sorted(shown.map(String)));
  });

  test("are all linked from docs/http-api.md", () => {
    const page = readFromRoot("docs/http-api.md");
    assert.deepEqual(
      pages.filter((name) => !page.includes(`problems/${name}.md`)),
      [],
    );
  });
});

test("every page that a page links to exists", () => {
  const pages = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    ...readdirSync(join(root, "docs"))
      .filter((file) => file.endsWith(".md"))
      .map((file) => `docs/${file}`),
  ];
  for (const page of pages) {
    const links = [...readFromRoot(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? "");
    const missing = links.filter((link) => !existsSync(join(root, page, "..", link)));
    assert.deepEqual(missing, [], page);
  }
});

test("every command of the documentation that changes something through the admin listener sends a key", () => {
  const pages = ["docs/operations.md", "docs/troubleshooting.md"].map(readFromRoot).join("\n").replaceAll("\\\n", "");
  const changes = pages.split("\n").filter((line) => /^curl .*-X (?:PUT|POST|DELETE)\b/.test(line) && /\$ADMIN|admin\.sock/.test(line));
  assert.ok(changes.length >= 3);
  for (const line of changes) assert.match(line, /-H "Authorization: Bearer \$KEY"/);
});
