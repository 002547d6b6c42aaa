// JSON as it is written: a tree that keeps every spelling, and the changes that readers may differ on.

/** `{ raw }` for texts, numbers and words; `{ members: [[raw name, node]] }`; `{ items: [node] }`. Throws what it cannot read. */
export function parse(text) {
  const tokens = text.matchAll(/\s*("(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+)/gsy);
  const words = [...tokens].map(([, word]) => word);
  let at = 0;
  const take = (word) => {
    if (words[at++] !== word) throw new SyntaxError(`${word} is not there`);
  };
  const list = (close, item) => {
    const all = [];
    if (words[at] === close) return at++, all;
    for (;;) {
      all.push(item());
      if (words[at] !== ",") break;
      at++;
    }
    take(close);
    return all;
  };
  const value = (depth) => {
    if (depth > 64) throw new SyntaxError("too deep for this");
    const word = words[at++];
    if (word === undefined || /^[}\],:]$/.test(word)) throw new SyntaxError("no value");
    if (word === "[") return { items: list("]", () => value(depth + 1)) };
    if (word !== "{") return { raw: word };
    const member = () => {
      const name = words[at++];
      take(":");
      return [name, value(depth + 1)];
    };
    return { members: list("}", member) };
  };
  const root = value(0);
  if (at !== words.length) throw new SyntaxError("something stands behind it");
  return root;
}

/** `space` is called for white space at every place where there may be some. */
export function write(node, space = () => "") {
  if (node.raw !== undefined) return `${space()}${node.raw}${space()}`;
  if (node.items) return `${space()}[${node.items.map((item) => write(item, space)).join(",")}]${space()}`;
  const members = node.members.map(([name, value]) => `${space()}${name}${space()}:${write(value, space)}`);
  return `${space()}{${members.join(",")}}${space()}`;
}

const BENIGN = ["1", '"x"', "null", "true", "[]", "{}", '{"a":[1,2]}', "-0.5e3", '"\\u00e9\\n"'];
const ODD = [
  "null", "true", "false", "0", "-0", "-1", "1", "60", "7200", "7200.5", "7200.4999999999999999", "1e3", "1E+3", "72e2",
  "5e-324", "1e308", "1e309", "-1e309", "1e999", "-1e999", "1e-999", "0e999", "9007199254740993", "9223372036854775807", "9223372036854775808",
  "-9223372036854775809", "18446744073709551615", "18446744073709551616", "1".repeat(400), `0.${"0".repeat(400)}1`, '""', '" "', '"x"', '"7200"', '" 7200 "', '"\\t7200"', '"\\u00a07200"',
  '"+7200"', '"-1"', '"+-1"', '"+"', '"7200.0"', '"7e3"', '"0x10"', '"9223372036854775808"', '"\\u0660"', '"NaN"', '"Infinity"', "[]", "{}", "[null]", "[[]]", '[""]', '{"":0}',
  '"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\\uD83D\\uDE00"', '"\\u0000"', '"\\u200b"', '"\\ufeff"', '"\\u202e"', '"\\u007f"', '"\\/"', '"a b"',
  '"\\ud800', '"\\x"', '"\\u12"', '"\t"', '"\u007f"', '"\u2028"', "+1", "01", "-", "1.", ".5", "1e", "1e+", "NaN", "Infinity", "-Infinity", "nul", "True", "undefined", "'x'", "0x10", "1_000",
  `${"[".repeat(127)}${"]".repeat(127)}`, `${"[".repeat(128)}${"]".repeat(128)}`, `${'{"a":'.repeat(125)}1${"}".repeat(125)}`, `${"[".repeat(126)}${"]".repeat(126)}`, `${"[".repeat(3000)}${"]".repeat(3000)}`,
  `${"[".repeat(124)}${"]".repeat(124)}`, `${"[".repeat(125)}${"]".repeat(125)}`, '{"a":1,"a":2}', '[1e999]', '["\\ud800"]', '{"\\ud800":1}', '{"a":"\\ud800"}',
];
const NAMES = [
  "error", "error_description", "access_token", "token_type", "expires_in", "refresh_token", "id_token", "scope", "issued_token_type", "sub", "name", "email", "email_verified", "preferred_username",
  "profile", "picture", "website", "isPro", "is_pro", "canPay", "orgs", "securityRestrictions", "pendingSSO", "missingMFA", "roleInOrg", "plan", "isEnterprise", "iss", "aud", "azp", "exp",
  "iat", "nbf", "auth_time", "nonce", "at_hash", "alg", "kid", "typ", "crit", "b64", "keys", "kty", "use", "key_ops", "n", "e", "issuer", "jwks_uri", "userinfo_endpoint", "constructor", "__proto__", "toString",
];

/** One change to a tree, in place. `now` is the reader's clock: times near it are of interest. */
export function change(root, random, now) {
  const nodes = [...all(root)];
  const objects = nodes.filter((node) => node.members);
  const node = random.pick(nodes);
  const object = objects.length ? random.pick(objects) : undefined;
  const member = object?.members.length ? random.pick(object.members) : undefined;
  random.weighed([
    [8, () => object?.members.splice(random.below(object.members.length + 1), 0, [`"${random.pick(["x", "brand", "a b", "", "\\u0041", "subs", "Sub"])}"`, value(random, BENIGN)])],
    [4, () => object?.members.push([`"x${random.below(9)}"`, value(random, ODD)])],
    [4, () => object?.members.sort(() => random.below(3) - 1)],
    [8, () => node.raw?.startsWith('"') && (node.raw = escaped(node.raw, random))],
    [4, () => member && (member[0] = escaped(member[0], random))],
    [6, () => node.raw !== undefined && (node.raw = number(node.raw, random, now))],
    [6, () => node.raw?.startsWith('"') && (node.raw = edited(node.raw, random))],
    [5, () => become(node, value(random, ODD))],
    [3, () => member && (member[1] = value(random, ODD))],
    [3, () => member && object.members.splice(object.members.indexOf(member), 1)],
    [2, () => member && object.members.splice(random.pick([0, object.members.length]), 0, [random.one_in(3) ? escaped(member[0], random) : member[0], random.one_in(2) ? member[1] : value(random, ODD)])],
    [3, () => object?.members.push([`"${random.pick(NAMES)}"`, value(random, random.one_in(2) ? BENIGN : ODD)])],
    [2, () => member && (member[0] = edited(member[0], random))],
    [1, () => member && (member[0] = `"${random.pick(NAMES)}"`)],
    [2, () => member && (member[1] = structuredClone(random.pick(nodes)))],
    [2, () => become(node, { items: random.pick([[structuredClone(node)], [structuredClone(node), structuredClone(node)], [structuredClone(node), value(random, ODD)]]) })],
    [1, () => node.items && (random.one_in(2) ? node.items.splice(random.below(node.items.length + 1), 0, value(random, ODD)) : node.items.splice(random.below(node.items.length + 1), 1))],
    [2, () => node.raw !== undefined && become(node, { raw: JSON.stringify(node.raw.replace(/^"|"$/g, "")) })],
  ])();
}

function* all(node) {
  yield node;
  for (const child of node.items ?? node.members?.map(([, value]) => value) ?? []) yield* all(child);
}

function become(node, other) {
  for (const name of Object.keys(node)) delete node[name];
  Object.assign(node, other);
}

const value = (random, list) => ({ raw: random.pick(list) });

/** Another spelling of the same text. */
function escaped(raw, random) {
  return raw.slice(1, -1).replace(/\\u[0-9a-fA-F]{4}|\\.|[^"\\]/gs, (letter) => {
    if (!random.one_in(4)) return letter;
    if (letter.startsWith("\\u")) return random.one_in(2) ? letter.toLowerCase().replace("\\U", "\\u") : `\\u${letter.slice(2).toUpperCase()}`;
    if (letter.length > 1) return letter;
    if (letter === "/" && random.one_in(2)) return "\\/";
    const code = letter.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${random.one_in(2) ? code : code.toUpperCase()}`;
  }).replace(/^|$/g, '"');
}

const LETTERS = ["a", "A", "0", " ", "\\u0000", "\\n", "\\u200b", "\\u202e", "\\ufeff", "\u00e9", "\u0430", "\ud83d\ude00", "\\ud800", "\\udc00", "/", "\\\\", '\\"', "=", "-", "_", "+", ".", ",", "%", "\u007f", "\\u0080", "\u2028", "\u00ad", "\\u061c"];

/** Another text: a letter more or less, or in the other case. */
function edited(raw, random) {
  const letters = raw.slice(1, -1).match(/\\u[0-9a-fA-F]{4}|\\.|[^"\\]/gsu) ?? [];
  const at = random.below(letters.length + 1);
  random.weighed([
    [4, () => letters.splice(at, 0, random.pick(LETTERS))],
    [2, () => letters.splice(at, 1)],
    [2, () => (letters[at] = (letters[at] ?? "").toUpperCase())],
    [2, () => (letters[at] = random.pick(LETTERS))],
    [1, () => letters.push("/")],
    [1, () => letters.splice(0, letters.length, ...letters, ...letters)],
    [1, () => letters.splice(at, 0, ...random.pick(["a".repeat(255), "\u00e9".repeat(60), "\\u200b".repeat(40)]))],
  ])();
  return `"${letters.join("")}"`;
}

/** Another number, or the same one in another spelling. */
function number(raw, random, now) {
  const number = Number(raw);
  const near = [-86_400, -3_661, -3_600, -361, -360, -359, -301, -300, -61, -60, -59, -1, 0, 1, 5, 59, 60, 61, 300, 600, 3_600];
  const other = () => `${now + random.pick(near)}${random.pick(["", "", ".0", ".5", ".999999999", "e0", "0e-1"])}`;
  if (raw.startsWith('"') || Number.isNaN(number) || random.one_in(3)) return /^-?\d/.test(raw) ? other() : raw;
  return random.pick([
    `${number}.0`, `${number}.4`, `${number}.5`, `${number}.99999999999999999999`, `${number}e0`, `${number}E-0`, `${number}0e-1`, `${number / 10}e1`, `${number / 1_000}e+3`,
    `-${number}`, `${number}${number}`, `${number + 1}`, `${number - 1}`, `${number}e300`, `${number}e-300`, `"${number}"`, `"${number}.5"`, `" ${number}"`,
  ]);
}
