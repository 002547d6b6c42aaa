// node main.mjs CORE [--seconds N] [--executions N] [--seed N] [--plant NAME | --planted] [--replay FILE] [--save FOLDER]
//
// Holds the module's rules (`browser/tools/verdict.ts`) to core's (the program `verdict`, as WebAssembly or native):
// the vectors' accepted inputs, changed and signed again, must get the same verdict of both. A difference is printed,
// made small, kept in FOLDER, and ends this with 1. `--planted` plants mistakes and says how soon each is found.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Differ, load } from "./differ.mjs";
import { PLANTS } from "./plants.mjs";

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string" },
    executions: { type: "string" },
    seed: { type: "string", default: "1" },
    plant: { type: "string" },
    planted: { type: "boolean", default: false },
    replay: { type: "string" },
    save: { type: "string" },
  },
});
const verdict = await load();
const limits = { seconds: Number(options.seconds ?? (options.executions ? Infinity : 30)), executions: Number(options.executions ?? Infinity) };
const seed = Number(options.seed);
/** Fewer, and the inputs are hardly valid ones. */
const LEAST_ACCEPTED = 0.2;

process.exitCode = await (options.replay ? replay() : options.planted ? planted() : once());

async function replay() {
  const differ = new Differ(positionals[0], verdict);
  const { exchange, input } = JSON.parse(readFileSync(options.replay, "utf8"));
  const [outcome] = await differ.both([{ exchange, input }]);
  differ.close();
  console.log(JSON.stringify(outcome, null, 2));
  return outcome.same ? 0 : 1;
}

async function once() {
  const differ = new Differ(positionals[0], verdict, options.plant && PLANTS[options.plant](verdict));
  const { found, ...run } = await differ.run(seed, limits);
  if (found) {
    const smallest = await differ.smallest(found);
    console.log(`seed ${seed}, execution ${run.executions}: two verdicts\n${JSON.stringify(smallest, null, 2)}`);
    for (const [, jwt] of JSON.stringify(smallest.input).matchAll(/"([\w-]+\.[\w-]+\.[\w-]*)\\?"/g)) {
      for (const segment of jwt.split(".").slice(0, 2)) console.log(`a segment says: ${Buffer.from(segment, "base64url")}`);
    }
    if (options.save) {
      mkdirSync(options.save, { recursive: true });
      const file = join(options.save, `browser-${found.exchange}-${seed}-${run.executions}.json`);
      writeFileSync(file, `${JSON.stringify(smallest, null, 2)}\n`);
      console.log(`kept: ${file}`);
    }
  }
  differ.close();
  const share = run.accepted / run.executions;
  for (const [rule, count] of Object.entries(run.rules).sort()) console.log(`  ${rule}: ${count}`);
  for (const [exchange, { executions, accepted }] of Object.entries(run.exchanges)) {
    console.log(`  ${exchange}: ${executions}, ${Math.round((100 * accepted) / executions)} % accepted`);
  }
  console.log(
    `Done ${run.executions} executions in ${run.seconds.toFixed(1)} s, ${Math.round(run.executions / run.seconds)} a second, ` +
      `${(100 * share).toFixed(1)} % accepted, ${run.unreadable} no inputs, seed ${seed}, ${found ? 1 : 0} differences`,
  );
  if (!(share >= LEAST_ACCEPTED)) console.log(`fewer than ${100 * LEAST_ACCEPTED} % were accepted: the inputs are not valid ones`);
  return found || !(share >= LEAST_ACCEPTED) ? 1 : 0;
}

async function planted() {
  let missed = 0;
  for (const [name, plant] of Object.entries(PLANTS)) {
    const differ = new Differ(positionals[0], verdict, plant(verdict));
    const run = await differ.run(seed, limits);
    differ.close();
    missed += run.found ? 0 : 1;
    const by = run.found && `${JSON.stringify(run.found.module)} for ${JSON.stringify(run.found.core)}`.slice(0, 160);
    console.log(`${name}: ${run.found ? `found after ${run.seconds.toFixed(2)} s, ${run.executions} executions: ${by}` : "NOT FOUND"}`);
  }
  console.log(`Done ${Object.keys(PLANTS).length} planted, ${missed} missed, seed ${seed}`);
  return missed ? 1 : 0;
}
