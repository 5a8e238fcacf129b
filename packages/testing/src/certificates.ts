import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key. The texts are PEM, and so are the files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Certificates extends Disposable {
  /** The authority that has issued the others. */
  readonly ca: Certificate;
  /** For `localhost`, `127.0.0.1` and `backend.internal`. */
  readonly server: Certificate;
  /** For a client. */
  readonly client: Certificate;
}

const names = "subjectAltName=DNS:localhost,DNS:backend.internal,IP:127.0.0.1";

/** Makes a private authority with `openssl`, and certificates of it that are valid for a day. Disposing removes the files. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "certificates-"));
  const issue = (name: string, ...more: string[]): Certificate => {
    const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}-key.pem`)];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-keyout", keyFile];
    execFileSync("openssl", ["req", "-x509", ...key, "-out", certFile, "-days", "1", "-subj", `/CN=${name}`, ...more], { stdio: "pipe" });
    return { certFile, keyFile, cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
  };
  const ca = issue("ca");
  const byCa = ["-CA", ca.certFile, "-CAkey", ca.keyFile, "-addext", "basicConstraints=critical,CA:FALSE"];
  return {
    ca,
    server: issue("server", ...byCa, "-addext", names),
    client: issue("client", ...byCa),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
