// A smaller input on which two still differ.
import { sign } from "../../vectors/make/sign.mjs";

/** `differs` takes a list of inputs and says of each whether it still shows the difference. */
export async function minimise(input, differs) {
  let smallest = input;
  for (let round = 0; round < 60; round++) {
    const candidates = [...smaller(smallest)];
    const verdicts = await differs(candidates);
    const found = verdicts.indexOf(true);
    if (found < 0) break;
    smallest = candidates[found];
  }
  return smallest;
}

function* smaller(input) {
  for (const [name, value] of Object.entries(input)) {
    if (value === null || typeof value === "boolean" || typeof value === "number") continue;
    if (typeof value !== "string") {
      for (const inner of smaller(value)) yield { ...input, [name]: inner };
      continue;
    }
    const jwt = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value) && value.split(".").slice(0, 2).map((segment) => Buffer.from(segment, "base64url").toString());
    if (jwt && name === "jwt") {
      const [header, claims] = jwt;
      for (const text of shorter(header)) yield { ...input, jwt: sign(text, claims) };
      for (const text of shorter(claims)) yield { ...input, jwt: sign(header, text) };
    }
    for (const text of shorter(value)) yield { ...input, [name]: text.toWellFormed() };
  }
}

/** Without a member, and without a piece of any size. */
function* shorter(text) {
  const members = [...text.matchAll(/,?"(?:[^"\\]|\\.)*":(?:"(?:[^"\\]|\\.)*"|[^,{}[\]"]+)/gs)];
  for (const { index, 0: member } of members) {
    yield text.slice(0, index) + text.slice(index + member.length);
    if (!member.startsWith(",")) yield text.slice(0, index) + text.slice(index + member.length).replace(/^,/, "");
  }
  for (let length = text.length >> 1; length >= 1; length >>= 1) {
    const places = Math.ceil(text.length / length);
    if (places > 64) return;
    for (let place = 0; place < places; place++) yield text.slice(0, place * length) + text.slice((place + 1) * length);
  }
}
