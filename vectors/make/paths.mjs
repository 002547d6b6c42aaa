import { readFileSync } from "node:fs";
import { Tests } from "./tests.mjs";

export const return_path = new Tests("return_path", { path: "/" }, { path: "/" });
export const redirect_uri = new Tests("redirect_uri", {}, {});

const SAME = "this project: on the app's own origin, whatever resolves it";
const path = (id, about, text) => return_path.accepts(id, about, SAME, { path: text }, { path: text });
path("root", "The front page", "/");
path("whole", "Path, query and fragment", "/models?sort=new&q=a%20b#top");
path("two-slashes-inside", "Two slashes inside of a path", "/a//b");
path("address-in-the-query", "An address in the query goes nowhere", "/a?next=https://other.example/../x\u005e#/../b");
path("slashes-in-the-query", "Nor do slashes there", "/?next=//other.example");
path("dots-in-a-name", "Dots that are a part of a name", "/a.b/..c/d../...");
path("escaped-letters", "Other letters, escaped", "/%E2%9C%93/%20");
path("escaped-slash-inside", "An escaped slash inside", "/a%2f%2fb");
path("colon", "A colon behind the first slash", "/https:evil.example");
path("at-sign", "An at sign behind the first slash", "/@evil.example");
path("fragment-alone", "A fragment of the front page", "/#//evil.example");
path("semicolon", "A parameter of a segment", "/;/evil.example");
path("every-sign", "Every sign that may stand there", "/!\"#$%&'()*+,-.:;<=>?@[]^_`{|}~");
path("long", "1,024 bytes", `/${"a".repeat(1_023)}`);

const off = (id, about, text, source = "this project: a path of the app's own, in what a header can carry") =>
  return_path.refuses("refused", id, about, source, { path: text });
off("too-long", "1,025 bytes", `/${"a".repeat(1_024)}`);
off("empty", "Nothing", "");
off("no-slash", "A relative path", "a/b");
off("query-alone", "A query alone", "?a");
off("fragment-alone-without-a-path", "A fragment alone", "#a");
off("whole-address", "A whole address", "https://app.example/");
off("scheme-without-slashes", "A scheme without slashes", "https:evil.example");
off("script", "A script", "javascript:alert(1)");
off("two-slashes", "Two slashes begin a host", "//evil.example");
off("slash-and-backslash", "A backslash is a slash to browsers", "/\\evil.example");
off("backslash-inside", "Anywhere", "/a\\b");
off("backslash-in-the-query", "In the query too", "/?a\\b");
off("tab-between-slashes", "A browser drops the tab", "/\t/evil.example");
off("line-end-between-slashes", "And line ends", "/\n/evil.example");
off("header-injection", "A line end in a header", "/a\r\nSet-Cookie: x=1");
off("space", "A space", "/a b");
off("space-in-front", "A space in front", " /a");
off("zero", "A zero byte", "/a\0");
off("delete", "A control character", "/a\x7f");
off("other-letters", "Other letters, not escaped", "/caf\u00e9");
off("ideographic-stop", "A stop that host names are split at", "/\u3002evil.example");
off("fullwidth-slash", "A slash that is none", "/\uff0fevil.example");
off("dot-segment", "A dot segment", "/./a");
off("dot-dot-segment", "Two dots", "/../a");
off("dot-segment-at-the-end", "At the end", "/a/..");
off("dots-before-a-host", "Browsers take the dots away, and a host is left", "/.//evil.example");
off("escaped-dots", "Escaped dots are dots", "/%2e%2E/a");
off("half-escaped-dots", "Half escaped too", "/a/.%2e");
off("escaped-dot-before-the-query", "Before a query too", "/%2e?x");
off("escaped-slash", "A proxy decodes once more", "/%2Fevil.example");
off("escaped-backslash", "A backslash as well", "/%5cevil.example");
off("escaped-tab", "A tab as well", "/%09/evil.example");
off("escaped-line-end", "A line end as well", "/%0D%0Aevil");

// Open redirects that other projects met, from the lists that they publish.
const seen = new Set(return_path.tests.map((test) => test.input.path));
const lists = JSON.parse(readFileSync(new URL("open-redirects.json", import.meta.url), "utf8"));
for (const [name, { source, payloads }] of Object.entries(lists)) {
  for (const [index, text] of payloads.filter((text) => !seen.has(text)).entries()) {
    off(`${name}-${index + 1}`, "An open redirect that another project met", text, source);
  }
}

const OAUTH = "RFC 6749 section 3.1.2";
const uri = (id, about, text, source = OAUTH) => redirect_uri.accepts(id, about, source, { uri: text }, { uri: text });
uri("https", "https on any host", "https://app.example/oauth/huggingface/callback");
uri("without-a-path", "Without a path", "https://app.example");
uri("with-a-port", "With a port", "https://app.example:8443/callback");
uri("zero-port", "Port 0 is a number", "https://app.example:0/");
uri("port-with-zeros", "A port with zeros in front", "https://app.example:00443/");
uri("largest-port", "The largest port", "https://app.example:65535/");
uri("capitals", "A host has no case, and the text stays as it is", "https://App.Example/Callback");
uri("underscore", "An underscore in a host", "https://a_b.example/");
uri("longest-host", "A host of 253 letters", `https://${"a.".repeat(123)}example/`);
uri("punycode", "A host of other letters", "https://xn--bcher-kva.example/");
uri("digits-in-labels", "Labels of digits before the last", "https://1.2.3.example/");
uri("address", "A dotted quad", "https://192.0.2.1/callback");
uri("address-of-six", "An IPv6 address", "https://[2001:db8::1]:444/callback");
uri("localhost", "Plain http on this machine", "http://localhost:3000/callback", "RFC 8252 section 7.3");
uri("loopback", "By its number", "http://127.0.0.1:8000/callback", "RFC 8252 section 7.3");
uri("loopback-network", "All of the loopback network", "http://127.255.255.254/", "RFC 8252 section 7.3");
uri("loopback-of-six", "By its other number", "http://[::1]:8000/", "RFC 8252 section 7.3");
uri("localhost-in-capitals", "In capitals", "http://LOCALHOST/", "RFC 8252 section 7.3");
uri("query", "A query of its own", "https://app.example/callback?tenant=7&_target_url=%2F");
uri("query-without-a-path", "A query without a path", "https://app.example?tenant=7");
uri("value-like-a-parameter", "A value is no name", "https://app.example/callback?a=state&b=?code=c");
uri("name-in-other-case", "Names have a case", "https://app.example/callback?State=x");
uri("half-an-escape-in-a-name", "What is no escape stays as it is", "https://app.example/callback?%zz=code&%73tat=x&%");
uri("dots-in-the-path", "The path is sent as it is", "https://app.example/a/../b//c");

const not = (id, about, text, source = OAUTH) => redirect_uri.refuses("refused", id, about, source, { uri: text });
not("empty", "Nothing", "");
not("plain-http", "Plain http on another machine", "http://app.example/callback");
not("private-network", "Plain http in a private network", "http://192.168.1.2/callback");
not("any-address", "Plain http on every address", "http://0.0.0.0/");
not("almost-localhost", "A host that begins like this machine", "http://localhost.evil.example/");
not("localhost-with-a-dot", "A dot behind it", "http://localhost./");
not("mapped-loopback", "Loopback in the other notation", "http://[::ffff:127.0.0.1]/");
not("scheme-in-capitals", "Schemes are compared to the letter", "HTTPS://app.example/");
not("other-scheme", "Another scheme", "app://callback");
not("script", "A script", "javascript:alert(1)");
not("relative", "A path", "/callback");
not("no-scheme", "No scheme", "//app.example/callback");
not("one-slash", "One slash too few", "https:/app.example/callback");
not("no-host", "No host", "https:///callback");
not("fragment", "A fragment", "https://app.example/callback#x");
not("empty-fragment", "An empty fragment", "https://app.example/callback#");
not("username", "A username", "https://user@app.example/callback");
not("password", "A password", "https://user:password@app.example/callback");
not("backslash-for-a-host", "A backslash is a slash to some", "https://app.example\\@evil.example/");
not("escaped-host", "An escaped host", "https://ex%61mple.com/");
not("host-of-other-letters", "Other letters in a host", "https://b\u00fccher.example/");
not("other-letters-in-the-path", "Other letters in the path", "https://app.example/caf\u00e9");
not("empty-label", "An empty label", "https://a..example/");
not("dot-behind", "A dot behind the host", "https://app.example./");
not("dot-alone", "Two empty labels", "https://.");
not("long-label", "A label of 64 letters", `https://${"a".repeat(64)}.example/`);
not("long-host", "A host of 254 letters", `https://${"a.".repeat(123)}examples/`);
not("short-address", "An address that browsers read as another", "http://127.1/");
not("hexadecimal-address", "In hexadecimal", "http://0x7f.1/");
not("whole-hexadecimal-address", "In one hexadecimal number", "http://0x7f000001/");
not("address-in-one-number", "In one number", "http://2130706433/");
not("octal-address", "With zeros in front", "http://0177.0.0.1/");
not("last-label-of-digits", "A last label of digits is an address to browsers", "https://app.1/");
not("empty-port", "An empty port", "https://app.example:/");
not("large-port", "A port that is none", "https://app.example:65536/");
not("signed-port", "A sign", "https://app.example:+443/");
not("letters-for-a-port", "Letters", "https://app.example:https/");
not("long-port", "Six digits", "https://app.example:000443/");
not("open-bracket", "A bracket that does not close", "https://[::1/");
not("zone", "A zone", "http://[fe80::1%25eth0]/");
not("space", "A space", "https://app.example/a b");
not("space-at-the-end", "A space at its end", "https://app.example/ ");
not("tab", "A tab, which browsers drop", "https://app.exam\tple/");
not("line-end", "A line end", "https://app.example/\n");
not("braces", "A template that was not filled in", "https://app.example/{id}");
not("asterisk-host", "A host that stands for many", "https://*.example/");
for (const name of ["code", "state", "iss", "error", "error_description", "access_token", "id_token", "token", "token_type", "response"]) {
  not(`parameter-${name.replace("_", "-")}`, `The provider's answer has ${name}`, `https://app.example/callback?a=b&${name}=x`);
}
not("parameter-without-a-value", "Without a value", "https://app.example/callback?state");
not("parameter-escaped", "Escaped", "https://app.example/callback?%73tat%65=x");
not("parameter-behind-empty-ones", "Behind empty pairs", "https://app.example/callback?&&code=x");
