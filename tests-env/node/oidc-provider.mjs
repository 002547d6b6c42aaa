// node oidc-provider.mjs '{"clients": [...], "port"?, "path"?, "accounts"?, "scopes"?, "ttl"?, "rotate"?, "idTokenProfile"?}'
//
// A certified OpenID provider on 127.0.0.1. Prints one JSON line when it listens,
// {"issuer", "discovery", "journal"}, and ends with its parent. Everything else that it says goes to standard error.
//
//   clients         as in OpenID Connect registration: client_id, redirect_uris, client_secret (without one the client is
//                   public), application_type ("native": any port on loopback), grant_types, ...
//   port            0, the default, is a random one
//   path            "/realms/hf" gives an issuer with a path; the default is none
//   accounts        {"LOGIN": {"name", "picture", ...}}; whoever signs in with another name gets claims made from it
//   scopes          known ones beside openid, profile, email, offline_access
//   ttl             seconds by kind: {"AccessToken": 60, "RefreshToken": 600, ...}
//   rotate          false keeps a refresh token alive after its use
//   idTokenProfile  true puts the profile's claims into the ID token too, as the Hub does
//
// Pages: a login form (fields `login` and `password`, any password) and a consent form, each posted to its `action`
// with its hidden `prompt`; "Cancel" is the link that ends in /abort. The ID token's `sub` is the login.
// GET {journal}: [{"method", "path", "status", "event"?}] in order of arrival, without queries or bodies.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";

for (const level of ["log", "info", "warn"]) console[level] = console.error;
const { Provider } = await import("oidc-provider");

const given = JSON.parse(process.argv[2] ?? "{}");
const path = (given.path ?? "").replace(/\/$/, "");
const journal = [];
let provider;

const server = createServer((request, response) => {
  if (request.url === "/_journal") {
    response.setHeader("Content-Type", "application/json").end(JSON.stringify(journal));
    return;
  }
  const entry = { method: request.method, path: request.url.split("?")[0] };
  journal.push(entry);
  request.entry = entry;
  response.on("finish", () => (entry.status = response.statusCode));
  if (!request.url.startsWith(`${path}/`)) {
    response.writeHead(404).end();
    return;
  }
  // As a framework would mount it: the provider finds its own path from the difference of the two.
  request.originalUrl = request.url;
  request.url = request.url.slice(path.length);
  provider.callback()(request, response);
});

server.listen(given.port ?? 0, "127.0.0.1", () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const issuer = `${origin}${path}`;
  provider = new Provider(issuer, configuration());
  for (const event of ["authorization.success", "grant.success", "grant.error", "userinfo.error"]) {
    provider.on(event, (ctx) => (ctx.req.entry.event = event));
  }
  provider.on("server_error", (_ctx, error) => console.error(error));
  const ready = { issuer, discovery: `${issuer}/.well-known/openid-configuration`, journal: `${origin}/_journal` };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
});

const parent = process.ppid;
setInterval(() => process.ppid === parent || process.exit(0), 500);

function configuration() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
  return {
    clients: (given.clients ?? []).map((client) => ({
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      ...(client.client_secret ? {} : { token_endpoint_auth_method: "none" }),
      ...client,
    })),
    jwks: { keys: [key] },
    cookies: { keys: [randomUUID()] },
    scopes: ["openid", "offline_access", ...(given.scopes ?? [])],
    claims: {
      openid: ["sub"],
      profile: ["name", "preferred_username", "profile", "picture", "website"],
      email: ["email", "email_verified"],
    },
    conformIdTokenClaims: !given.idTokenProfile,
    pkce: { required: () => true },
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    rotateRefreshToken: () => given.rotate !== false,
    ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: 86400, IdToken: 3600, Interaction: 600,
      RefreshToken: 86400, Session: 86400, ...given.ttl },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ ...made(id), ...given.accounts?.[id], sub: id }) }),
  };
}

function made(login) {
  return {
    name: `${login[0]?.toUpperCase()}${login.slice(1)} Example`,
    preferred_username: login,
    profile: `https://people.example/${encodeURIComponent(login)}`,
    picture: `https://people.example/${encodeURIComponent(login)}.png`,
    website: "",
    email: `${encodeURIComponent(login)}@people.example`,
    email_verified: true,
  };
}
