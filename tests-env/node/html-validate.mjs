// node html-validate.mjs FILE...
//
// Holds pages to html-validate's recommended rules. Prints one JSON line, a list of {"file", "rule", "message", "line",
// "selector"}: empty when there is nothing to say.
import { readFileSync } from "node:fs";
import { HtmlValidate, StaticConfigLoader } from "html-validate";

const loader = new StaticConfigLoader({
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // The standard takes any case; ours is lower, as all tags are.
    "doctype-style": "off",
    // Defaults are left out: a button in a form submits it, an input takes text.
    "no-implicit-button-type": "off",
    "no-implicit-input-type": "off",
    // Boxes of one name are how a form sends several values, buttons of one name how it sends one of them.
    "form-dup-name": "off",
    // Where a template's own tags stood; nobody is shown it.
    "no-trailing-whitespace": "off",
  },
});
const validator = new HtmlValidate(loader);
const findings = [];
for (const file of process.argv.slice(2)) {
  const report = await validator.validateString(readFileSync(file, "utf8"), file);
  for (const { messages } of report.results) {
    findings.push(...messages.map(({ ruleId, message, line, selector }) => ({ file, rule: ruleId, message, line, selector })));
  }
}
console.log(JSON.stringify(findings));
