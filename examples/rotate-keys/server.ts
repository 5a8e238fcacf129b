// Keys in a file: a client rotates its own key, and every server that follows the file accepts the new one without a restart.
import { existsSync, mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { apiKeyAuth, getPrincipal } from "@aivillage/api-key-auth";
import { createKey, followKeysFile, readKeysFile, rotateKeys, warnOfExpiringKeys } from "@aivillage/api-key-auth/keys-file";
import { compose, type Handler, requestPath, toListener } from "@aivillage/middleware";
import { notFound, problemDetails } from "@aivillage/problem-details";

const file = process.env["KEYS_FILE"] ?? join(mkdtempSync(join(tmpdir(), "keys-")), "keys.yaml");
if (!existsSync(file)) console.log(`key of ada: ${(await createKey(file, { id: "ada" })).key}`);

const keys = followKeysFile(file, {
  onReplaced: (count) => console.log(`${count} keys in use`),
  onRefused: ({ message }) => console.error(`keys file refused; keeping the previous keys: ${message}`),
});

const stopWarning = warnOfExpiringKeys({
  entries: () => readKeysFile(file).entries,
  warn: ({ id, keyId, daysLeft }) => console.warn(`the key ${keyId} of ${id} ends in ${daysLeft} days`),
});

const hello: Handler = (req, res, next) => {
  if (requestPath(req) !== "/") return next();
  const { id, keyId } = getPrincipal(req) ?? {};
  res.end(`hello ${id}, you use the key ${keyId}`);
};

/** The old key stays valid for an hour, so that a client that is many processes can change over. */
const rotate: Handler = (req, res, next) => {
  if (requestPath(req) !== "/rotate" || req.method !== "POST") return next();
  rotateKeys(file, getPrincipal(req)?.keyId ?? "", { overlapMs: 3_600_000 }).then(({ key }) => res.end(key), next);
};

const handler = compose(apiKeyAuth({ keys: keys.ring }), hello, rotate, notFound());
const server = createServer(toListener(handler, problemDetails()));
const port = Number(process.env["PORT"] ?? 3000);
server.listen(port, () => console.log(`node:http listens on http://localhost:${port}`));
process.once("SIGTERM", () => server.close(() => (stopWarning(), keys.close())));
