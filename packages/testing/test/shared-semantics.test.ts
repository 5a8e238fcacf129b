import assert from "node:assert/strict";
import { test } from "node:test";

import { workspacePackages } from "../src/workspace.ts";

/** What HTTP and its neighbours define once, `@aivillage/middleware` implements once. */
interface SharedConcept {
  readonly concept: string;
  /** What only an implementation of it holds. */
  readonly marker: RegExp;
  readonly use: string;
  /** Other users of the same words, each with its reason. */
  readonly but?: Readonly<Record<string, string>>;
}

const shared: readonly SharedConcept[] = [
  {
    concept: "lists of IP addresses and CIDR ranges",
    marker: /\bBlockList\b|\.split\("\/"\);?[^]{0,300}\b128\b/,
    use: "`addressList()` or `readRange()`",
  },
  {
    concept: "the canonical form of an address, and IPv4-mapped addresses (RFC 4291, 2.5.5.2)",
    marker: /\bSocketAddress\b|["'`^(]::[fF]{4}:/,
    use: "`canonicalAddress()`",
  },
  {
    concept: "the /56 network of an IPv6 address (RFC 6177)",
    marker: /& 0xff_?00\b|% 256\b|::\/56/,
    use: "`clientNetwork()`",
    but: { "gateway/src/state/penalty-target.ts": "names one in an error" },
  },
  {
    concept: "whether a request has a body (RFC 9112, 6.3)",
    marker: /transfer-encoding"\][^;\n]*\|\|[^;\n]*content-length|content-length"\][^;\n]*\|\|[^;\n]*transfer-encoding/,
    use: "`hasBody()`",
    but: { "downstream-proxy/src/fields/response-head.ts": "whether a response says where it ends" },
  },
  {
    concept: "responding to `Expect: 100-continue` (RFC 9110, 10.1.1)",
    marker: /\bwriteContinue\(|listenerCount\("checkContinue"\)/,
    use: "`sendContinue()`, `awaitsContinue()` or `continueOnRead()`",
  },
  {
    concept: "reading a whole body within limits (RFC 9110, 15.5.9 and 15.5.14)",
    marker: /req\.on\("data", onData\)\.on\("end"/,
    use: "`bodyReader()`",
  },
  {
    concept: "responding with content that never changes (RFC 9110, 13.1.2)",
    marker: /\["if-none-match"\]/,
    use: "`fixedResponse()`",
  },
  {
    concept: "discarding the rest of a request body (RFC 9112, 9.6)",
    marker: /\bdestroySoon\b|\blinger(?:Bytes|Ms)\b|\breq\.unpipe\(/,
    use: "`discardRest()` and `announceClose()`",
    but: { "downstream-proxy/src/upgrade/join-sockets.ts": "a connection that has switched protocols carries no requests" },
  },
  {
    concept: "closing a connection with a problem document (RFC 9457)",
    marker: /`HTTP\/1\.1 \$\{problem/,
    use: "`refuseConnection()`",
  },
  {
    concept: "headers to drop when an error replaces a response",
    marker: /for \(const \w+ of \w+\)[^;]*removeHeader\(/,
    use: "`replaceResponse()`",
  },
  {
    concept: "valid names and values of headers (RFC 9110, 5.1 and 5.5)",
    marker: /\bvalidateHeader(?:Name|Value)\b/,
    use: "`isValidHeader()` or `isHeaders()`",
    but: { "http-server/src/lean-response.ts": "throws Node's own errors" },
  },
  {
    concept: "how many lines a header has (RFC 9110, 5.3)",
    marker: /rawHeaders[^]{0,250}count \+= 1/i,
    use: "`countHeader()`",
  },
  {
    concept: "the forms of a request target (RFC 9112, 3.2)",
    marker: /\^https\?:\\\/\\\/\(?\[\^|indexOf\(":\/\/"\)/,
    use: "`originForm()`, `hostOfTarget()` or `requestPath()`",
  },
  {
    concept: "URLs of services, Unix sockets and outbound proxies",
    marker: /\/\^unix:/,
    use: "`readServiceUrl()`, `parseServiceUrl()` or `isProxyUrl()`",
    but: { "health-cascade/src/http2-probe.ts": "takes apart the URL that got understands" },
  },
  {
    concept: "errors of options",
    marker:
      /new TypeError\(\s*`(?:\$\{packageName\}|@aivillage\/[\w-]+): (?:unknown )?options?\b|super\(`\$\{packageName\}: |replace\(\/\^@aivillage/,
    use: "`OptionError`, `optionError()` or `optionReason()`",
  },
  {
    concept: "following files",
    marker: /\bmtimeNs\b|\bmtimeMs\b|\bwatchFile\b/,
    use: "`followFiles()`",
    but: {
      "api-key-auth/src/keys-file/lock-keys-file.ts": "asks how old a lock is",
      "api-key-auth/src/keys-file/write-keys-file.ts": "asks how old a temporary file is",
    },
  },
  {
    concept: "which other users may read or write a file",
    marker: /& 0o0[0-7]{2}\b/,
    use: "`fileAccess()`",
  },
  {
    concept: "lengths of time with a unit",
    marker: /\bs: 1(?:_000)?, m: 60(?:_000)?\b/,
    use: "`durationMs()`",
  },
  {
    concept: "handing an error to the host",
    marker: /(?<![.#])\bnext\((?!\))(?!.*\{$)/m,
    use: "`passError()`, since hosts such as NestJS, restify and Vite drop headers or status of what `next()` gets,",
  },
  {
    concept: "the name that is nearest to a misspelt one",
    marker: /levenshtein|editDistance/i,
    use: "`nearest()`",
  },
];

/** What it must not find anything in: the contract itself, what nobody imports, and patterns that recognise attacks. */
const leaves = workspacePackages.filter(({ folder, manifest }) => folder !== "middleware" && manifest.private !== true);
const isPattern = (file: string): boolean => /screening\/(?:src\/)?/.test(file);

for (const { concept, marker, use, but = {} } of shared) {
  test(`${concept}: no package implements this again`, () => {
    const copies = leaves.flatMap(({ folder, sources, read }) =>
      sources
        .map((source) => `${folder}/${source}`)
        .filter((file, index) => {
          const code = read(sources[index] ?? "").replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
          return !isPattern(file) && !Object.hasOwn(but, file) && marker.test(code);
        }),
    );
    assert.deepEqual(copies, [], `use ${use} of @aivillage/middleware: one implementation cannot drift from another`);
  });

  test(`${concept}: the marker finds the implementation that there is`, () => {
    const contract = workspacePackages.find(({ folder }) => folder === "middleware");
    const found = contract?.sources.filter((source) => marker.test(contract.read(source))) ?? [];
    assert.notDeepEqual(found, [], `nothing in packages/middleware/src holds ${marker.source}, so it would find no copy either`);
  });
}
