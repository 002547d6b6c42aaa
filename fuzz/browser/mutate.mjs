// Inputs that are valid, changed: structurally and signed again, or letter by letter.
import { sign as signature } from "node:crypto";
import { base64url, halfHash, jwk, KEY, OTHER_KEY, sign as signed, signAsWritten } from "../../vectors/make/sign.mjs";
import * as json from "./json.mjs";

/** A changed copy of an input of this exchange. */
export function mutate(exchange, input, random) {
  const changed = structuredClone(input);
  const rounds = random.weighed([[6, 1], [3, 2], [1, 4]]);
  for (let round = 0; round < rounds; round++) CHANGES[exchange](changed, random);
  return well_formed(changed);
}

const CHANGES = {
  callback(input, random) {
    random.weighed([
      [8, () => (input.url = address(input.url, random))],
      [1, () => (input.url = letters(input.url, random))],
      [1, () => (input.now = input.begun_at + random.pick([-1, 0, 1, 599, 600, 601, 86_400, -86_400]))],
      [1, () => (input.iss_promised = random.pick([true, false, null]))],
      [1, () => (input.begun_with = random.pick([input.issuer, input.issuer, `${input.issuer}/`, "https://id.example", null]))],
    ])();
  },
  discovery(input, random) {
    random.weighed([
      [5, () => (input.body = spelled(input.body, random, 0))],
      [5, () => (input.body = with_address(input.body, random))],
      [2, () => answer(input, random)],
    ])();
  },
  exchange(input, random) {
    random.weighed([
      [8, () => (input.body = spelled(input.body, random, input.now))],
      [3, () => answer(input, random)],
      [1, () => (input.scopes = random.pick(["", " ", "openid", "a a b", "a\tb", "a\u00a0b\u2028c", "\u0085x", "a\u001fb", "a\vb\fc"]))],
      [1, () => (input.now += random.pick([-1, 1, 1_000_000]))],
    ])();
  },
  id_token(input, random) {
    random.weighed([
      [12, () => (input.jwt = token(input.jwt, random, input.now))],
      [2, () => input.keys && (input.keys = spelled(input.keys, random, 0))],
      [1, () => (input.now += random.pick([-3_600, -61, -60, -1, 1, 60, 61, 3_600]))],
      [1, () => (input.access_token = random.pick([input.access_token, "hf_oauth_another", `${input.access_token}=`]))],
      [1, () => (input.nonce = random.pick([input.nonce, "other", `${input.nonce}\u00e9`]))],
      [1, () => (input.client_id = random.pick([input.client_id, "client-id", "another", ""]))],
      [1, () => (input.issuer = random.pick([input.issuer, `${input.issuer}/`]))],
      [1, () => (input.keys = random.pick([input.keys, null]))],
    ])();
  },
  refresh(input, random) {
    random.weighed([
      [8, () => with_token(input, random)],
      [5, () => (input.body = spelled(input.body, random, input.now))],
      [2, () => answer(input, random)],
      [1, () => input.keys && (input.keys = spelled(input.keys, random, 0))],
      [1, () => (input.nonce = random.pick([input.nonce, null, "other", "n0nce"]))],
      [1, () => (input.auth_time = random.pick([input.auth_time, null, 0, input.now]))],
      [1, () => (input.sub = random.pick([input.sub, `${input.sub} `, "another"]))],
      [1, () => (input.previous.scope = random.pick([input.previous.scope, "", "a  a\tb"]))],
      [1, () => (input.now += random.pick([-61, -1, 1, 61, 300]))],
      [1, () => (input.keys = random.pick([input.keys, null, '{"keys":[]}']))],
    ])();
  },
  userinfo(input, random) {
    random.weighed([
      [9, () => (input.body = spelled(input.body, random, 0))],
      [2, () => answer(input, random)],
      [1, () => (input.sub = random.pick([input.sub, `${input.sub} `, ""]))],
    ])();
  },
  redirect_uri(input, random) {
    input.uri = random.one_in(4) ? letters(input.uri, random) : address(input.uri, random);
  },
  return_path(input, random) {
    input.path = random.one_in(4) ? letters(input.path, random) : address(input.path, random);
  },
  rs256(input, random) {
    const flip = (text) => {
      const at = random.below(text.length || 1);
      return text.slice(0, at) + random.pick([..."0123456789abcdef"]) + text.slice(at + 1);
    };
    random.weighed([
      [1, () => (input.signature = flip(input.signature))],
      [1, () => (input.message = flip(input.message).padEnd(2 * Math.ceil(input.message.length / 2), "0"))],
      [1, () => (input.signature = random.pick(["00", "0000", ""]) + input.signature.slice(random.pick([0, 2])))],
      [1, () => (input.n = letters(input.n, random).replace(/[^A-Za-z0-9_=-]/g, ""))],
      [1, () => (input.e = random.pick(["AQAB", "AQAB=", "AAEAAQ", "Aw", "AQ", "", "AQAC", "AQAAAAE", "gAAAAQ", "AQAR", "AR"]))],
    ])();
    // Signed again: most of what is near a signature is none.
    if (random.one_in(2)) Object.assign(input, own_key(input.message));
  },
};

function own_key(message) {
  const { n, e } = jwk();
  return { n, e, signature: signature("sha256", Buffer.from(message, "hex"), KEY).toString("hex") };
}

/** An answer in another shape. */
function answer(input, random) {
  random.weighed([
    [2, () => (input.status = random.pick([200, 201, 204, 299, 300, 302, 399, 400, 401, 403, 404, 408, 429, 500, 503, 199]))],
    [2, () => (input.content_type = random.pick([
      null, "", "application/json", "APPLICATION/JSON;x", " application/json ", "application/json\u00a0", "\u00a0application/json", "application/json,text/html", "application/x+json", "application/+json", "text/json",
      "text/html", "application/jwt", "application/jwt; a", "application/jsonx", "application/ld+json;profile=x", "application/json; charset=utf-16", "+json", "application/\u212ason", ";", "application/json\v", "\u0085application/json",
    ]))],
    [1, () => typeof input.body === "string" && (input.body = random.pick(["\ufeff", " ", "\n", "\t\r\n", "\0", "\u00a0", "\v", "\f", "{", "[", "\ufeff\ufeff"]) + input.body)],
    [1, () => typeof input.body === "string" && (input.body += random.pick(["\ufeff", " ", "\n", "\0", "\u00a0", "\v", "}", "{}", ",", "x", "//"]))],
    [1, () => typeof input.body === "string" && (input.body = letters(input.body, random))],
    [1, () => typeof input.body === "string" && with_bytes(input, random)],
    [1, () => (input.spaces_behind_body = random.pick([0, 1, 100]))],
  ])();
}

/** Bytes that are no text, at any place. */
function with_bytes(input, random) {
  const bytes = Buffer.from(input.body);
  const at = random.below(bytes.length + 1);
  const odd = Buffer.from(random.pick(["ff", "80", "c3", "eda080", "f4908080", "c080", "e29c", "00", "efbbbf", "f09f9880", "c2a0"]), "hex");
  input.body_base64 = Buffer.concat([bytes.subarray(0, at), odd, bytes.subarray(at)]).toString("base64");
  delete input.body;
}

/** A JSON text, changed and spelled in another way. */
function spelled(text, random, now) {
  if (typeof text !== "string") return text;
  let tree;
  try {
    tree = json.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return letters(text, random);
  }
  json.change(tree, random, now);
  const space = random.weighed([
    [6, () => ""],
    [1, () => (random.one_in(6) ? random.pick([" ", "\n", "\t", "\r\n", "  "]) : "")],
    [1, () => (random.one_in(60) ? random.pick(["\u00a0", "\v", "\f", "\ufeff", "\u2028", "\0"]) : "")],
  ]);
  const written = json.write(tree, space);
  return written.length > 200_000 ? text : written;
}

/** A member of a JSON text that is an address, changed as one. */
function with_address(text, random) {
  if (typeof text !== "string") return text;
  const addresses = [...text.matchAll(/"(https?:[^"\\]*)"/g)];
  if (!addresses.length) return text;
  const found = random.pick(addresses);
  const changed = JSON.stringify(address(found[1], random));
  return text.slice(0, found.index) + changed + text.slice(found.index + found[0].length);
}

/** A token whose header, claims or encoding is another, signed again. */
function token(jwt, random, now, finish = (claims) => claims) {
  const segments = jwt.split(".");
  if (segments.length !== 3 || random.one_in(40)) return letters(jwt, random);
  let [header, claims] = segments.slice(0, 2).map((segment) => Buffer.from(segment, "base64url").toString());
  random.weighed([
    [8, () => (claims = spelled(claims, random, now))],
    [3, () => (header = spelled(header, random, now))],
    [1, () => (claims = letters(claims, random))],
    [1, () => (header = letters(header, random))],
    [1, () => {}],
  ])();
  claims = finish(claims);
  const by = random.one_in(40) ? OTHER_KEY : KEY;
  if (!random.one_in(10)) return random.one_in(60) ? signed(header, Buffer.concat([Buffer.from(claims), Buffer.from([0xff])]), by) : signed(header, claims, by);
  const [head, body] = [header, claims].map((text) => (random.one_in(2) ? in_letters(base64url(text), random) : base64url(text)));
  const jws = signAsWritten(head, body, by);
  return random.one_in(2) ? jws : `${head}.${body}.${in_letters(jws.split(".")[2], random)}`;
}

/** The ID token in an answer, changed; its hash follows the access token where that was changed before. */
function with_token(input, random) {
  const found = typeof input.body === "string" && /"id_token"\s*:\s*"([\w.-]+)"/.exec(input.body);
  if (!found) return answer(input, random);
  const access_token = /"access_token"\s*:\s*"([^"\\]+)"/.exec(input.body)?.[1];
  const finish = (claims) => (access_token ? claims.replace(/"at_hash":"[\w-]{22}"/, `"at_hash":"${halfHash(access_token)}"`) : claims);
  const jwt = token(found[1], random, input.now, random.one_in(4) ? (claims) => claims : finish);
  input.body = input.body.replace(found[1], () => JSON.stringify(jwt).slice(1, -1));
}

/** base64url in a spelling that decoders differ on. */
function in_letters(text, random) {
  const at = random.below(text.length + 1);
  return random.weighed([
    [3, () => text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) + random.pick([1, 2, 3, -1]))],
    [2, () => text + random.pick(["=", "==", "A", "AA", "AAA", " ", "\n", "."])],
    [1, () => text.slice(0, at) + random.pick(["\n", " ", "\t", "=", "+", "/", "*", "\u00e9", "\0", "\u212a"]) + text.slice(at)],
    [1, () => text.replaceAll("-", "+").replaceAll("_", "/")],
    [1, () => text.slice(0, -1)],
  ])();
}

const PARTS = [
  "/", "//", "\\", "/\\", "@", ":", "#", "?", "&", "=", "%", "%2f", "%2F", "%5c", "%09", "%0a", "%00", "%2e", "%2e%2E", ".", "..", "/../", "/./", ";", "+", "%20", "%zz", "%ff", "%c3%a9", "%ED%A0%80", "%EF%BB%BF", "%e2%80%8b",
  "\t", "\n", "\r", " ", "\0", "\x7f", "\u00a0", "\u3002", "\uff0f", "\u00e9", "\u0130", "\u212a", "\ufeff", "\u2028", "\u200b", "\v", "\f", "\x1f", "\x80", "[", "]", "[::1]", "{", "}", "|", "^", "`", "<", ">", '"', "'", "*", "~", "!", "$", "(", ",",
  "https:", "http:", "javascript:", "https://evil.example", ":443", ":80", ":0", ":65536", ":00443", "127.0.0.1", "127.1", "0x7f.1", "localhost", "user@", "a".repeat(64), "xn--a", "1", "0x", "0", "_", "-", "::", "::ffff:1.2.3.4", "1.2.3.4",
];
const NAMES = ["code", "state", "iss", "error", "error_description", "access_token", "id_token", "token", "token_type", "response", "x", "", "Code", "co", "scope"];
const VALUES = ["", "c0de", "s7ate", "https%3A%2F%2Fhuggingface.co", "https://huggingface.co", "https%3A%2F%2Fhuggingface.co%2F", "access_denied", "access%E2%80%8B_denied", "server_error", "x", "%", "a+b", "%00", "access_denied%ff"];

const PAIRS = ["iss=https%3A%2F%2Fhuggingface.co%2F", "iss=https%3A%2F%2Fhuggingface.co", "iss=https://id.example/realms/one", "error=access_denied", "error=server_error"];

/** An address, or a path, changed where addresses are read differently. */
function address(text, random) {
  const at = random.below(text.length + 1);
  const insert = (part) => text.slice(0, at) + part + text.slice(at);
  const [before, query] = text.split(/\?(.*)/s);
  const pairs = query?.split("#")[0].split("&") ?? [];
  const rebuilt = () => `${before}?${pairs.join("&")}${/#.*/s.exec(text)?.[0] ?? ""}`;
  const pair = () => random.one_in(6) ? random.pick(PAIRS) : `${random.pick(NAMES)}${random.one_in(8) ? "" : `=${random.pick(VALUES)}`}`;
  return random.weighed([
    [6, () => insert(random.pick(PARTS))],
    [3, () => pairs.splice(random.below(pairs.length + 1), 0, pair()) && rebuilt()],
    [2, () => (pairs.length ? (pairs.sort(() => random.below(3) - 1), rebuilt()) : insert("a"))],
    [2, () => insert(random.pick(["a", "b1", "-", "_", "A", "&x=y", "%41"]))],
    [2, () => (pairs.length ? ((pairs[random.below(pairs.length)] = pair()), rebuilt()) : insert("?x=y"))],
    [2, () => percent(text, at, random)],
    [1, () => text.slice(0, at) + (text[at] ?? "").toUpperCase() + text.slice(at + 1)],
    [1, () => (pairs.length ? (pairs.push(random.pick(pairs)), rebuilt()) : insert("#x"))],
    [1, () => text.slice(0, at) + text.slice(at + 1)],
    [1, () => `${text}#${pair()}`],
    [1, () => `${random.pick([" ", "\n", "\t", "\u00a0", "\v", "\ufeff", "\f", "\0"])}${text}`],
    [1, () => `${text}${random.pick([" ", "\n", "\r\n", "\u00a0", "\v", "\ufeff", "\f", "\0", "/"])}`],
    [1, () => text.replace(/\/\/[^/?#]*/, `//${random.pick(HOSTS)}`)],
    [1, () => (random.one_in(20) ? text + "/a".repeat(600) : text + "/a")],
  ])();
}

const HOSTS = [
  "a.example", "a.example.", ".a.example", "A.b-c_d.example:8443", "1.2.3.4", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3", "0x1.2.3.4", "a.0x1", "a.1", "a.1x", "a.0xg", "1", "localhost", "LOCALHOST:1", "127.0.0.1", "127.255.0.9:65535",
  "[::1]", "[::1]:80", "[::]", "[1::2:3]", "[::ffff:1.2.3.4]", "[::ffff:1.2.3.256]", "[::1.2.3.4]", "[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7:8:9]", "[12345::]", "[:1]", "[1:]", "[::1%25a]", "[::G]", "[::01.2.3.4]", "[1:2:3:4:5:6:1.2.3.4]", "[FE80::A]", "[]", "[::1]x", "[::1", "::1",
  "a:", "a:0", "a:65535", "a:65536", "a:000001", "a:00001", "a:1a", "a:-1", "a:+1", "u@a", "a%2eb", "\u00e9.example", "xn--9ca.example", `${"a".repeat(63)}.example`, `${"a".repeat(64)}.example`, `${"a.".repeat(126)}a`, `${"a.".repeat(126)}ab`, "", "a..b", "-", "_", "a b", "*.example",
];

const percent = (text, at, random) => {
  const code = (text.codePointAt(at) ?? 97) & 0xff;
  const hex = code.toString(16).padStart(2, "0");
  return `${text.slice(0, at)}%${random.one_in(2) ? hex : hex.toUpperCase()}${text.slice(at + 1)}`;
};

/** Letter by letter. */
function letters(text, random) {
  const at = random.below(text.length + 1);
  const length = random.pick([1, 1, 2, 5, 20]);
  return random.weighed([
    [2, () => text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(7)) || 1) + text.slice(at + 1)],
    [2, () => text.slice(0, at) + random.pick([...PARTS, "\\u0000", "null", ",", "true", "1e999"]) + text.slice(at)],
    [1, () => text.slice(0, at) + text.slice(at + length)],
    [1, () => text.slice(0, at) + text.slice(at, at + length) + text.slice(at)],
    [1, () => text.slice(0, at)],
  ])();
}

/** What is sent to core is UTF-8: half a surrogate can only come in an escape. */
function well_formed(value) {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(well_formed);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, well_formed(inner)]));
  return value;
}
