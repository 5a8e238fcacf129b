import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { endProcess, eventually, freePort, makeCertificates, untilListening } from "@aivillage/testing";

import { startPython } from "./python.ts";
import { skip, startExample } from "./support.ts";

/** nginx that responds to clients with a certificate of its authority only. */
async function startNginx(t: TestContext, { ca, server }: ReturnType<typeof makeCertificates>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "nginx-"));
  const port = await freePort();
  // Without a master process, nothing is left over when it is killed.
  const config = `daemon off; master_process off; error_log stderr; pid ${folder}/pid; events {}
    http { access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
      uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
      server { listen 127.0.0.1:${port} ssl; ssl_certificate ${server.certFile}; ssl_certificate_key ${server.keyFile};
        ssl_client_certificate ${ca.certFile}; ssl_verify_client on;
        location / { return 200 "$ssl_server_name, $ssl_client_s_dn"; } } }`;
  writeFileSync(`${folder}/nginx.conf`, config);
  const child = spawn("nginx", ["-p", folder, "-c", `${folder}/nginx.conf`], { stdio: "ignore" });
  t.after(async () => {
    await endProcess(child);
    rmSync(folder, { recursive: true });
  });
  await untilListening(port, child);
  return `https://127.0.0.1:${port}`;
}

test("nginx with a private authority gets the gateway's certificate", { skip: skip("nginx") }, async (t) => {
  using certificates = makeCertificates();
  const { ca, client } = certificates;
  const gateway = await startExample(t, {
    NGINX_URL: await startNginx(t, certificates),
    CA_FILE: ca.certFile,
    CERT_FILE: client.certFile,
    KEY_FILE: client.keyFile,
  });
  const response = await fetch(`${gateway.url}/private`);
  assert.equal(response.status, 200);
  assert.equal(await response.text(), "backend.internal, CN=client");
});

test("POSTs after a pause in which the connections to a Python service were closed all succeed", { skip: skip("python3") }, async (t) => {
  const service = await startPython(t);
  const gateway = await startExample(t, { PYTHON_URL: service.url });
  const post = async (body: string): Promise<string> => (await fetch(`${gateway.url}/python`, { method: "POST", body })).text();
  for (const round of ["first", "second"]) {
    const bodies = Array.from({ length: 10 }, (_, index) => `${round} ${index}`);
    assert.deepEqual(await Promise.all(bodies.map(post)), bodies);
    await eventually(() => service.open() === 0, "all connections are closed", { state: () => service.open() });
  }
});
