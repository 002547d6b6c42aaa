// node run.mjs PROGRAM
//
// Every vector through a program that reads `{"exchange": …, "input": …}` by the line and answers with a verdict by the
// line: core's `verdict`, natively or as WebAssembly. Prints `{"exchanges": {…}, "rules": {…}}`, how many held of each.
import { readFileSync, readdirSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { Oracle } from "../fuzz/browser/oracle.mjs";

const oracle = new Oracle(process.argv[2]);
const held = { exchanges: {}, rules: {} };
const faults = [];
for (const name of readdirSync(new URL(".", import.meta.url)).filter((name) => /^(?!schema).*\.json$/.test(name)).sort()) {
  const { exchange, tests } = JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
  const verdicts = await oracle.ask(tests.map(({ input }) => ({ exchange, input })));
  // A program that does not have an exchange says so of every test of it.
  if (verdicts.every(({ unreadable }) => unreadable === `no exchange "${exchange}"`)) continue;
  for (const [index, { id, verdict }] of tests.entries()) {
    if (!isDeepStrictEqual(verdicts[index], verdict)) {
      faults.push(`${exchange}/${id}: ${JSON.stringify(verdict)} is right, ${JSON.stringify(verdicts[index])} came`);
      continue;
    }
    const rule = verdict.refused ?? `${exchange.replace("_", "-")}/accepted`;
    held.exchanges[exchange] = (held.exchanges[exchange] ?? 0) + 1;
    held.rules[rule] = (held.rules[rule] ?? 0) + 1;
  }
}
oracle.close();
for (const fault of faults) console.error(fault);
process.exitCode = faults.length ? 1 : 0;
console.log(JSON.stringify(held));
