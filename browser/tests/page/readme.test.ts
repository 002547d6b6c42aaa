// The README's scripts run, and its table of refusals is the module's.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { BROWSER_DIR, bundle } from "./support/browser.js";
import { comeBack, globals, open, scene } from "./support/login.js";

const at = scene();
const README = readFileSync(`${BROWSER_DIR}/README.md`, "utf8");
const SNIPPETS = [...README.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code as string);

/** As a module that exports what it came to: top-level await is not for classic scripts. */
const script = (code: string): string => {
  const [imports = ""] = /^import .*$/m.exec(code) ?? [];
  const body = `${imports.replace('"hf-oauth"', '"./src/index.ts"')}\nexport const done = (async () => {${code.replace(/^import .*$/m, "")}})();`;
  return bundle(body, "snippet");
};

/** The page of the snippets: elements by their selectors. */
const page = () => {
  const elements: Record<string, { textContent?: string; onclick?: () => unknown }> = {};
  return { elements, globals: { ...globals(at), document: { querySelector: (name: string) => (elements[name] ??= {}) } } };
};

test("there are scripts to run", () => assert.equal(SNIPPETS.length, 3));

test("the short way signs in and out", async () => {
  const { elements, globals } = page();
  const start = open(at, { globals });
  start.load(script(SNIPPETS[0] as string));
  await start.global("snippet").done;
  await elements["#sign-in"]?.onclick?.();
  const back = start.navigate(at.provider.approve(start.visited[0] as string));
  back.load(script(SNIPPETS[0] as string));
  await back.global("snippet").done;
  assert.equal(elements["#who"]?.textContent, "ada");
  elements["#sign-out"]?.onclick?.();
  assert.equal(await back.load().token(), null);
});

test("the token and the listener", async () => {
  const { elements, globals } = page();
  const back = await comeBack(at, open(at, { globals }));
  back.load(script(SNIPPETS[1] as string));
  await back.global("snippet").done;
  const module = back.load();
  await module.init();
  assert.equal(elements["#who"]?.textContent, "Ada Lovelace");
  module.logout();
  assert.equal(elements["#who"]?.textContent, "nobody");
});

test("from @huggingface/hub", async () => {
  const start = open(at, page());
  start.load(script(SNIPPETS[2] as string));
  await start.global("snippet").done;
  const back = start.navigate(at.provider.approve(start.visited[0] as string));
  back.load(script(SNIPPETS[2] as string));
  await back.global("snippet").done;
  assert.deepEqual(back.visited, [], "signed in: the person is not sent away again");
});

test("every refusal of the page is in the table, with its text", () => {
  const files = readdirSync(`${BROWSER_DIR}/src`, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const sources = files.map((name) => readFileSync(`${BROWSER_DIR}/src/${name}`, "utf8")).join("\n");
  const rules = new Set([...sources.matchAll(/refuse\(\s*"(page\/[a-z-]+)"/g)].map(([, rule]) => rule));
  const rows = [...README.matchAll(/^\| (`.*`) \| (.*) \|$/gm)].filter(([, names]) => /^`[a-z-]+\/[a-z-]+`/.test(names as string));
  const listed = rows.flatMap(([, names = ""]) => [...names.matchAll(/`([a-z-]+\/[a-z-]+)`/g)].map(([, rule]) => rule));
  assert.deepEqual(listed.filter((rule) => rule?.startsWith("page/")).sort(), [...rules].sort());
  for (const [, names, text] of rows) assert.ok(sources.includes(text as string), `${names}: ${text}`);
});
