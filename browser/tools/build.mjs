// node tools/build.mjs
//
// `dist/`: the package's modules, minified, with source maps and types. Everything comes out of the same sources, so that
// two builds of one commit are the same to the byte.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

/** The modules of the package, by their names in `dist/`. */
const MODULES = { "hf-oauth": "src/index.ts", "hf-sign-in": "src/element.ts" };

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
for (const [name, source] of Object.entries(MODULES)) {
  const { code, map } = await bundle({ entryPoints: [source] }, `${name}.js`);
  writeFileSync(`dist/${name}.js`, code);
  // The sources are as seen from `dist/`.
  writeFileSync(`dist/${name}.js.map`, map.replaceAll('"src/', '"../src/'));
}
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "--emitDeclarationOnly"], { stdio: "inherit" });
for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(`../${licence}`, licence);
