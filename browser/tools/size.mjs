// node tools/size.mjs [FOLDER OF THE PEERS]
//
// Bytes of what a page loads, each bundled and minified in the same way in the same run, and the ceilings that hold ours.
// The peers are packages of `tests-env/node`.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { bundle } from "./bundle.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const peers = process.argv[2] ?? "../tests-env/node";

/** What a page imports, from where, and the most that it may be, gzipped. */
const OURS = [
  [
    "sign-in alone (two calls)",
    'export { oauthLoginUrl, oauthHandleRedirectIfPresent } from "./src/index.ts"',
    8_050,
  ],
  ["everything but the element", 'export * from "./src/index.ts"', 10_000],
  ["everything, and the element", 'export * from "./src/element.ts"', 11_050],
];
const PEERS = [
  // Its browser build by path: by its name esbuild finds the one for Node, and stops.
  [
    "@huggingface/hub (two calls; no ID token)",
    'export { oauthLoginUrl, oauthHandleRedirectIfPresent } from "./node_modules/@huggingface/hub/dist/browser/index.mjs"',
  ],
  [
    "oauth4webapi (the calls of a login)",
    `export {
      calculatePKCECodeChallenge, discoveryRequest, generateRandomCodeVerifier, generateRandomNonce, generateRandomState,
      None, processAuthorizationCodeResponse, processDiscoveryResponse, processUserInfoResponse, getValidatedIdTokenClaims,
      authorizationCodeGrantRequest, userInfoRequest, validateApplicationLevelSignature, validateAuthResponse
    } from "oauth4webapi"`,
  ],
  ["oidc-client-ts (UserManager)", 'export { UserManager } from "oidc-client-ts"'],
];

const row = (name, ...cells) => console.log(name.padEnd(44), ...cells.map((cell) => `${cell}`.padStart(9)));
row("", "minified", "gzip", "ceiling");
const tooLarge = [];
for (const [name, source, ceiling] of OURS) {
  const { minified, gzip } = await measure(source, ".");
  row(name, minified, gzip, ceiling);
  if (gzip > ceiling) tooLarge.push(`${name}: ${gzip} bytes, at most ${ceiling} are allowed`);
}
if (existsSync(`${peers}/node_modules`)) {
  for (const [name, source] of PEERS) {
    const { minified, gzip } = await measure(source, peers);
    row(name, minified, gzip, "");
  }
} else console.log(`the peers are not installed in ${peers}: \`npm ci --ignore-scripts\` there`);
for (const fault of tooLarge) console.error(fault);
process.exitCode = tooLarge.length ? 1 : 0;

async function measure(contents, resolveDir) {
  const { code } = await bundle({ stdin: { contents, resolveDir } });
  return { minified: code.length, gzip: gzipSync(code, { level: 9 }).length };
}
