import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { Ajv2020 } from "ajv/dist/2020.js";

import { startTestGateway } from "./start-test-gateway.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-openapi-"));
after(() => rmSync(folder, { recursive: true }));

interface Body {
  content?: Record<string, { schema?: Record<string, unknown>; example?: unknown }>;
}
interface Operation {
  tags: string[];
  security?: object[];
  parameters?: { name: string }[];
  requestBody?: Body;
  responses: Record<string, Body>;
}
interface Document {
  openapi: string;
  components: { schemas: Record<string, object>; responses: Record<string, object> };
  paths: Record<string, Record<string, Operation>>;
}

const read = async (url: string): Promise<Document> => (await (await fetch(`${url}/openapi.json`)).json()) as Document;

describe("/openapi.json", () => {
  test("describes every built-in endpoint, and which need a key", async () => {
    await using gateway = await startTestGateway();
    const { openapi, paths } = await read(gateway.url);
    assert.equal(openapi, "3.1.0");
    const services = ["/v1/query", "/v1/chat", "/v1/upload"];
    assert.deepEqual(Object.keys(paths), ["/", "/healthz", "/livez", "/readyz", "/metrics", "/v1/budget", ...services]);
    assert.deepEqual(paths["/v1/budget"]?.["get"]?.security, [{ apiKey: [] }]);
    assert.deepEqual(paths["/v1/query"]?.["post"]?.security, [{ apiKey: [] }]);
    assert.equal(paths["/healthz"]?.["get"]?.security, undefined);
  });

  test("has schemas that are valid JSON Schema, whose references all resolve", async () => {
    await using gateway = await startTestGateway();
    const document = await read(gateway.url);
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ ...document, $id: "api" });
    assert.ok(Object.keys(document.components.schemas).length > 3);
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      assert.ok(ajv.validateSchema(schema), `${name}: ${ajv.errorsText()}`);
      assert.doesNotThrow(() => ajv.compile({ $ref: `api#/components/schemas/${name}` }), name);
    }
  });

  test("has the schema that the body is checked by, without the keywords of the screening", async () => {
    await using gateway = await startTestGateway();
    const text = JSON.stringify((await read(gateway.url)).paths["/v1/query"]?.["post"]?.requestBody);
    assert.match(text, /"maxLength":32768/);
    assert.ok(!text.includes("screen"));
  });

  test("has examples that its own schemas accept, a tag for each operation, and each problem once", async () => {
    await using gateway = await startTestGateway();
    const document = await read(gateway.url);
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ ...document, $id: "api" });
    let examples = 0;
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const { tags, requestBody, responses } of Object.values(operations)) {
        assert.equal(tags.length, 1, path);
        for (const { content = {} } of [requestBody ?? {}, ...Object.values(responses)]) {
          for (const { schema, example } of Object.values(content)) {
            if (example === undefined) continue;
            examples += 1;
            const reference = schema?.["$ref"];
            const validate = ajv.compile(typeof reference === "string" ? { $ref: `api${reference}` } : (schema ?? {}));
            assert.ok(validate(example), `${path}: ${ajv.errorsText(validate.errors)}`);
          }
        }
      }
    }
    assert.ok(examples >= 12, `${examples}`);
    assert.equal(
      JSON.stringify(document).match(/#\/components\/schemas\/problem"/g)?.length,
      Object.keys(document.components.responses).length,
    );
  });

  test("leaves out what is switched off, and has the routes of the configuration", async () => {
    const file = join(folder, "routes.yaml");
    const query = "{ type: object, properties: { page: { type: integer } } }";
    writeFileSync(file, `routes: [{ path: "/v1/notes/{id}", upstream: [http://127.0.0.1:9], public: true, query: ${query} }]`);
    await using gateway = await startTestGateway({ CONFIG_FILE: file, ENABLE_FILE_UPLOAD: "false", ENABLE_METRICS: "false" });
    const { paths } = await read(gateway.url);
    assert.equal(paths["/v1/upload"], undefined);
    assert.equal(paths["/metrics"], undefined);
    const note = paths["/v1/notes/{id}"]?.["get"];
    assert.equal(note?.security, undefined);
    assert.deepEqual(
      note?.parameters?.map(({ name }) => name),
      ["id", "page"],
    );
  });
});

describe("/docs", () => {
  test("is a page whose scripts and styles come from this origin, under a policy without exceptions", async () => {
    await using gateway = await startTestGateway();
    const page = await fetch(`${gateway.url}/docs`);
    const policy = page.headers.get("content-security-policy") ?? "";
    assert.match(policy, /script-src 'self'(;|$)/);
    assert.ok(!policy.includes("unsafe"));
    const html = await page.text();
    const links = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map((match) => match[1] ?? "");
    assert.equal(links.length, 3);
    for (const link of links) {
      const response = await fetch(new URL(link, `${gateway.url}/docs`));
      assert.equal(response.status, 200, link);
      assert.ok((await response.arrayBuffer()).byteLength > 50);
    }
    assert.ok(!/<script(?! src)/.test(html) && !html.includes("style="));
  });

  test("is not there in production", async () => {
    await using gateway = await startTestGateway({
      ENVIRONMENT: "production",
      API_KEY: "Zq7vX2mK9tRw4bNc8LpYd3HfGs6JaUe1",
      SECRET_KEY: "t5Wk0PzQx8CrV3nMb6YhJ1LdFg9SaEu2",
      CORS_ORIGINS: "https://app.example",
    });
    assert.equal((await fetch(`${gateway.url}/docs`)).status, 404);
    assert.equal((await fetch(`${gateway.url}/openapi.json`)).status, 200);
  });
});
