// node tools/test.mjs [PART OF A PATH]
//
// Every `tests/**/*.test.ts`, bundled by esbuild and run by Node's own test runner.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const part = process.argv[2] ?? "";
const tests = readdirSync("tests", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts") && file.includes(part))
  .sort();
if (tests.length === 0) throw new Error(`no test is named like ${part}`);
rmSync(".tests", { recursive: true, force: true });
await build({
  entryPoints: tests.map((file) => `tests/${file}`),
  outdir: ".tests",
  outbase: "tests",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
  sourcemap: "inline",
});
const files = tests.map((file) => `.tests/${file.replace(/\.ts$/, ".mjs")}`);
const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], { stdio: "inherit" });
process.exitCode = status ?? 1;
