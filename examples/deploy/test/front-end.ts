import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { freePort, untilListening } from "@aivillage/testing";

import { readKit, replaceAll } from "./kit.ts";
import { type Command, run } from "./running-gateway.ts";

/** A front end with the configuration of the kit before a gateway on this machine. `await using` ends it. */
export interface RunningFrontEnd extends AsyncDisposable {
  readonly port: number;
  /** Where requests without TLS go; 0 when the test does not let it listen there. */
  readonly plainPort: number;
  /** The certificate that it shows. */
  readonly certificate: string;
}

/** One of the samples, and how to run it on free ports with a certificate of its own. */
export interface FrontEndSample {
  readonly name: string;
  readonly skip: string | false;
  configuration(places: Places): string;
  check(file: string): Command;
  start(file: string): Command;
}

interface Places {
  folder: string;
  port: number;
  plainPort: number;
  gatewayPort: number;
}

const needs = (program: string, versionFlag: string): string | false =>
  spawnSync(program, [versionFlag]).error === undefined ? false : `${program} is not installed: its sample was only read, not run`;

export const nginx: FrontEndSample = {
  name: "nginx.conf",
  skip: needs("nginx", "-v"),
  configuration: ({ folder, port, plainPort, gatewayPort }) =>
    replaceAll(readKit("nginx.conf"), {
      "listen 80 ": `listen 127.0.0.1:${plainPort} `,
      "listen 443 ": `listen 127.0.0.1:${port} `,
      "server 127.0.0.1:8000;": `server 127.0.0.1:${gatewayPort};`,
      "/etc/nginx/tls": folder,
      "/run/nginx.pid": `${folder}/nginx.pid`,
      "/var/log/nginx": folder,
      // Where a nginx that root does not start may write.
      "http {": `http {\n${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join("\n")}`,
    }),
  check: (file) => ({ command: "nginx", args: ["-t", "-c", file] }),
  start: (file) => ({ command: "nginx", args: ["-c", file, "-g", "daemon off;"] }),
};

export const caddy: FrontEndSample = {
  name: "Caddyfile",
  skip: needs("caddy", "version"),
  configuration: ({ folder, port, gatewayPort }) =>
    replaceAll(readKit("Caddyfile"), {
      "{\n\tservers {": "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n\tservers {",
      "gateway.example.org {": `https://localhost:${port} {\n\tbind 127.0.0.1\n\ttls ${folder}/fullchain.pem ${folder}/privkey.pem`,
      "127.0.0.1:8000": `127.0.0.1:${gatewayPort}`,
    }),
  check: (file) => ({ command: "caddy", args: ["validate", "--adapter", "caddyfile", "--config", file] }),
  start: (file) => ({ command: "caddy", args: ["run", "--adapter", "caddyfile", "--config", file] }),
};

/** @param changes texts of the sample that a test needs otherwise */
export async function startFrontEnd(
  sample: FrontEndSample,
  gatewayPort: number,
  changes: Readonly<Record<string, string>> = {},
): Promise<RunningFrontEnd> {
  const folder = await mkdtemp(join(tmpdir(), "aivillage-front-"));
  await chmod(folder, 0o755);
  const certificate = makeCertificate(folder);
  const [port, plainPort] = [await freePort(), await freePort()];
  const file = join(folder, sample.name);
  await writeFile(file, replaceAll(sample.configuration({ folder, port, plainPort, gatewayPort }), changes));
  const home = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  const check = sample.check(file);
  execFileSync(check.command, check.args, { env: home, stdio: "pipe" });
  const running = run({ ...sample.start(file), env: home });
  try {
    await untilListening(port, running.child);
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw new Error(`the front end does not listen: ${running.output()}`, { cause: error });
  }
  return {
    port,
    plainPort: sample === nginx ? plainPort : 0,
    certificate,
    async [Symbol.asyncDispose]() {
      running.child.kill("SIGTERM");
      await Promise.race([running.ended, delay(3_000, undefined, { ref: false })]);
      await running[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function makeCertificate(folder: string): string {
  const names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", join(folder, "privkey.pem")];
  const args = ["req", "-x509", ...key, "-days", "1", "-subj", "/CN=localhost", "-addext", names];
  execFileSync("openssl", [...args, "-out", join(folder, "fullchain.pem")], { stdio: "pipe" });
  return readFileSync(join(folder, "fullchain.pem"), "utf8");
}
