/** What the rules make of an input: the values that come out, or the rule that refused. */
export type Verdict = { accepted: Record<string, unknown> } | { refused: string };

/** The verdict on one test of `vectors/`, in exactly the form of `vectors/README.md`. `exchange` is the file's. */
export declare const verdict: (exchange: string, input: Record<string, unknown>) => Verdict;
