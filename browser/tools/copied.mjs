// node tools/copied.mjs [--check]
//
// The built module where it lies as one copied file, and its hash in the guide: written, or only looked at. A build of
// one commit is the same to the byte, so that whoever copies the file gets what the sources say.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const at = (path) => new URL(`../${path}`, import.meta.url);
const built = readFileSync(at("dist/hf-sign-in.js"));
const hash = `sha384-${createHash("sha384").update(built).digest("base64")}`;
const guide = readFileSync(at("../docs/page.md"), "utf8");
const wanted = [
  ["../examples/page/hf-sign-in.js", built],
  ["../docs/page.md", Buffer.from(guide.replace(/integrity="sha384-[^"]*"/g, `integrity="${hash}"`))],
];
for (const [path, bytes] of wanted) {
  if (bytes.equals(readFileSync(at(path)))) continue;
  if (process.argv.includes("--check")) {
    console.error(`${path.slice(3)} is not what the sources build: run \`npm run copy\` in browser/`);
    process.exitCode = 1;
  } else {
    writeFileSync(at(path), bytes);
    console.log(`${path.slice(3)} is written`);
  }
}
