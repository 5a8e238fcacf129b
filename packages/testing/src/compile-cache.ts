// Loaded before each test file: keeps compiled modules, since hundreds of test processes load the same ones.
import { enableCompileCache } from "node:module";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../../../node_modules/.cache/compiled");
enableCompileCache(folder);
process.env["NODE_COMPILE_CACHE"] = folder;
