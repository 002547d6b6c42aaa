// Two implementations of the rules beside each other.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { minimise } from "./minimise.mjs";
import { mutate } from "./mutate.mjs";
import { Oracle } from "./oracle.mjs";
import { Random } from "./random.mjs";

const root = new URL("../../", import.meta.url);
const AT_ONCE = 200;

/** How often an exchange has its turn. A signature over a large key takes as long as a hundred answers. */
const TURNS = { callback: 16, discovery: 12, exchange: 22, id_token: 18, refresh: 10, userinfo: 14, redirect_uri: 8, return_path: 6, rs256: 1 };

/** The module's `verdict`, from its sources. */
export async function load() {
  const { build } = await import(new URL("browser/node_modules/esbuild/lib/main.js", root));
  const folder = mkdtempSync(join(tmpdir(), "hf-oauth-verdict-"));
  const outfile = join(folder, "verdict.mjs");
  try {
    await build({ entryPoints: [fileURLToPath(new URL("browser/tools/verdict.ts", root))], outfile, bundle: true, format: "esm", platform: "node", target: "node20", logLevel: "error" });
    return (await import(pathToFileURL(outfile))).verdict;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The vectors that are accepted; of RS256 those by keys that do not take long. */
function seeds() {
  return Object.entries(TURNS).map(([exchange, turns]) => {
    const { tests } = JSON.parse(readFileSync(new URL(`vectors/${exchange}.json`, root), "utf8"));
    const inputs = tests.filter(({ verdict, input }) => verdict.accepted && !(input.n?.length > 400)).map(({ input }) => input);
    return [turns, { exchange, inputs }];
  });
}

export class Differ {
  #oracle;
  #verdict;
  #right;

  /** With `planted` in place of `verdict`, only what is due to the plant counts as a difference. */
  constructor(program, verdict, planted) {
    this.#oracle = new Oracle(program);
    this.#right = planted && verdict;
    this.#verdict = planted ?? verdict;
  }

  close() {
    this.#oracle.close();
  }

  /** Both verdicts on `[{ exchange, input }]`. */
  async both(questions) {
    const asked = this.#oracle.ask(questions);
    const module = questions.map((question) => said(this.#verdict, question));
    return (await asked).map((core, index) => {
      const same = core.unreadable !== undefined || isDeepStrictEqual(core, module[index]);
      const due = same || !this.#right || !isDeepStrictEqual(said(this.#right, questions[index]), module[index]);
      return { ...questions[index], core, module: module[index], same: same || !due };
    });
  }

  /** Until a difference, or until there is no more time. */
  async run(seed, { seconds, executions }) {
    const random = new Random(seed);
    const all = seeds();
    const begun = performance.now();
    const run = { executions: 0, accepted: 0, unreadable: 0, exchanges: {}, rules: {}, found: undefined };
    const elapsed = () => (performance.now() - begun) / 1_000;
    const next = () => {
      const { exchange, inputs } = random.weighed(all);
      return { exchange, input: mutate(exchange, random.pick(inputs), random) };
    };
    // The next ones are made and judged here while core looks at these.
    const batch = () => this.both(Array.from({ length: AT_ONCE }, next));
    let under_way = batch();
    while (!run.found && run.executions < executions && elapsed() < seconds) {
      const outcomes = under_way;
      under_way = batch();
      for (const outcome of await outcomes) {
        if (outcome.core.unreadable !== undefined) {
          run.unreadable++;
          continue;
        }
        run.executions++;
        const of = (run.exchanges[outcome.exchange] ??= { executions: 0, accepted: 0 });
        const accepted = outcome.core.accepted ? 1 : 0;
        of.executions++;
        of.accepted += accepted;
        run.accepted += accepted;
        const rule = outcome.core.refused ?? `${outcome.exchange.replace("_", "-")}/accepted`;
        run.rules[rule] = (run.rules[rule] ?? 0) + 1;
        if (!outcome.same) {
          run.found = outcome;
          break;
        }
      }
    }
    await under_way;
    return { ...run, seconds: elapsed() };
  }

  /** The same difference on a smaller input. */
  async smallest({ exchange, input, core, module }) {
    const kind = (verdict) => verdict.refused ?? verdict.threw ?? "accepted";
    const alike = (outcome) => !outcome.same && kind(outcome.core) === kind(core) && kind(outcome.module) === kind(module);
    const small = await minimise(input, async (inputs) => (await this.both(inputs.map((input) => ({ exchange, input })))).map(alike));
    return (await this.both([{ exchange, input: small }]))[0];
  }
}

function said(verdict, { exchange, input }) {
  try {
    return verdict(exchange, input);
  } catch (error) {
    return { threw: String(error) };
  }
}
