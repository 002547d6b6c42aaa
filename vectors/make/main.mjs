// node main.mjs CORE [--check]
//
// Writes `vectors/*.json` from the files beside this one. Core (the program `verdict` of hf-oauth-core, as WebAssembly or
// native) must agree with every verdict. With `--check` nothing is written, and what stands there must be the same.
import { readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { Oracle } from "../../fuzz/browser/oracle.mjs";
import callback from "./callback.mjs";
import discovery from "./discovery.mjs";
import exchange from "./exchange.mjs";
import id_token from "./id_token.mjs";
import { redirect_uri, return_path } from "./paths.mjs";
import refresh from "./refresh.mjs";
import rs256 from "./rs256.mjs";
import userinfo from "./userinfo.mjs";

const [program, option] = process.argv.slice(2);
const oracle = new Oracle(program);
const faults = [];
for (const { exchange: name, tests } of [
  callback,
  discovery,
  exchange,
  id_token,
  redirect_uri,
  refresh,
  return_path,
  rs256,
  userinfo,
]) {
  const ids = new Set();
  const verdicts = await oracle.ask(tests.map(({ input }) => ({ exchange: name, input })));
  for (const [index, { id, verdict }] of tests.entries()) {
    if (ids.has(id)) faults.push(`${name}/${id} is there twice`);
    ids.add(id);
    if (!isDeepStrictEqual(verdicts[index], verdict)) {
      faults.push(`${name}/${id}: core says ${JSON.stringify(verdicts[index])}, the test ${JSON.stringify(verdict)}`);
    }
  }
  const file = new URL(`../${name}.json`, import.meta.url);
  const text = `${JSON.stringify({ exchange: name, tests }, null, 2)}\n`;
  if (option !== "--check") {
    writeFileSync(file, text);
  } else if (readFileSync(file, "utf8") !== text) {
    faults.push(`vectors/${name}.json is not what vectors/make makes`);
  }
  console.log(`${name}: ${tests.length}`);
}
oracle.close();
for (const fault of faults) console.error(fault);
process.exitCode = faults.length ? 1 : 0;
