// node vectors-schema.mjs FOLDER
//
// Holds every file of vectors in FOLDER to its `schema.json`, every rule that the schema names to a test that it
// refuses, and README.md to say its name. Prints how many tests there are, as `{"exchange": number}`.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020.js";

const folder = process.argv[2];
const read = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const schema = read("schema.json");
const faults = [];
const counts = {};
const refusing = new Set();
const readme = readFileSync(join(folder, "README.md"), "utf8");
for (const branch of schema.oneOf) {
  // One branch at a time: a failing `oneOf` would complain nine times over.
  const exchange = branch.properties.exchange.const;
  const validate = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true }).compile({ ...branch, $defs: schema.$defs });
  const file = read(`${exchange}.json`);
  if (!validate(file)) {
    for (const { instancePath, message } of validate.errors) faults.push(`${exchange}.json${instancePath} ${message}`);
  }
  const { tests } = file;
  counts[exchange] = tests.length;
  if (new Set(tests.map(({ id }) => id)).size !== tests.length) faults.push(`${exchange}.json: an id is there twice`);
  tests.forEach(({ verdict }) => refusing.add(verdict.refused));
  const rules = branch.properties.tests.items.properties.verdict.oneOf[1].properties.refused.enum;
  for (const rule of rules) {
    if (!refusing.has(rule)) faults.push(`${exchange}.json: no test is refused by ${rule}`);
    const [prefix, name] = rule.split("/");
    if (![`\`${name}\``, `\`${rule}\``, `\`\u2026/${name}\``].some((written) => readme.includes(written))) {
      faults.push(`README.md does not name ${name} of ${prefix}`);
    }
  }
  if (tests.filter(({ verdict }) => verdict.accepted).length < 5) faults.push(`${exchange}.json: too few are accepted`);
}
const known = [...Object.keys(counts).map((name) => `${name}.json`), "schema.json"].sort();
const there = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
if (String(there) !== String(known)) faults.push(`the folder has ${there}, the schema knows ${known}`);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length ? 1 : 0;
console.log(JSON.stringify(counts));
