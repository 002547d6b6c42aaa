// A list of tests of one exchange, each of them a base input with changes.

/** What every clock says in these tests, in seconds since 1970. */
export const NOW = 1_800_000_000;

export class Tests {
  tests = [];

  constructor(exchange, base, values = {}) {
    Object.assign(this, { exchange, base, values });
  }

  /** Accepted: the base's values, with changes; `undefined` takes one away. */
  accepts(id, about, source, input, values = {}) {
    this.#add(id, about, source, input, { accepted: without({ ...this.values, ...values }) });
  }

  /** Refused by this rule, whose name stands behind the exchange's. */
  refuses(rule, id, about, source, input) {
    this.#add(id, about, source, input, { refused: `${this.exchange.replace("_", "-")}/${rule}` });
  }

  #add(id, about, source, input, verdict) {
    this.tests.push({ id, about, source, input: without({ ...this.base, ...input }), verdict });
  }
}

const without = (members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
