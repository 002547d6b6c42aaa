import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

interface Packed {
  files: { path: string }[];
}

const manifest = JSON.parse(readFileSync("package.json", "utf8"));

test("the package has its modules, source maps, types, README and licences, and nothing else", () => {
  const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [packed] = Object.values(JSON.parse(output)) as [Packed];
  const files = packed.files.map(({ path }) => path).sort();
  const types = files.filter((path) => path.startsWith("dist/types/"));
  assert.deepEqual(
    files.filter((path) => !types.includes(path)),
    [
      "LICENSE-APACHE",
      "LICENSE-MIT",
      "README.md",
      "dist/hf-oauth.js",
      "dist/hf-oauth.js.map",
      "dist/hf-sign-in.js",
      "dist/hf-sign-in.js.map",
      "package.json",
    ],
    "built first by `npm run build`",
  );
  assert.ok(types.length > 0 && types.every((path) => path.endsWith(".d.ts")), `${types}`);
});

test("whatever the manifest exports is there, and a source map is of its module", () => {
  for (const entry of Object.values(manifest.exports) as (string | Record<string, string>)[]) {
    for (const path of Object.values(typeof entry === "string" ? { entry } : entry)) assert.ok(existsSync(path), path);
  }
  for (const name of ["hf-oauth", "hf-sign-in"]) {
    const { sources } = JSON.parse(readFileSync(`dist/${name}.js.map`, "utf8"));
    assert.ok(
      sources.some((source: string) => source.endsWith("src/rules/id_token.ts")),
      name,
    );
    assert.match(readFileSync(`dist/${name}.js`, "utf8"), new RegExp(`//# sourceMappingURL=${name}\\.js\\.map\\s*$`));
  }
});

test("a page gets no dependency with it", () => {
  assert.deepEqual(
    [manifest.dependencies, manifest.peerDependencies, manifest.optionalDependencies],
    [undefined, undefined, undefined],
  );
  for (const version of Object.values(manifest.devDependencies))
    assert.match(version as string, /^\d+\.\d+\.\d+$/, "pinned");
});

test("importing the module does nothing, and needs no page", async () => {
  const before = Object.getOwnPropertyNames(globalThis).sort();
  const module = await import(new URL("../dist/hf-oauth.js", `file://${process.cwd()}/tests/`).href);
  assert.ok(Object.keys(module).length > 0);
  assert.deepEqual(Object.getOwnPropertyNames(globalThis).sort(), before);
});
