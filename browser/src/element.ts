/**
 * Everything in one file, with `<hf-sign-in>` defined: for one script tag. On a server it defines nothing.
 *
 * @module
 */
import { HfSignIn } from "./page/element.js";

export * from "./index.js";
export { HfSignIn };

const registry = globalThis.customElements as CustomElementRegistry | undefined;
if (registry && !registry.get("hf-sign-in")) registry.define("hf-sign-in", HfSignIn);
