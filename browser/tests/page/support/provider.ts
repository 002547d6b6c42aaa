// A provider on loopback, for tests: what the Hub answers, and what it does when told to.
import { createHash, createSign, generateKeyPairSync, randomUUID } from "node:crypto";
import { type IncomingMessage, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const b64 = (value: unknown): string => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** What a test may change. */
export interface Mood {
  /** Seconds; `undefined` leaves `expires_in` out. */
  expiresIn: number | undefined;
  refreshTokens: boolean;
  /** An answer in place of the token endpoint's own. */
  token?: { status: number; body: string } | undefined;
  userinfo: Record<string, unknown>;
  /** As for a login without `openid`. */
  omitIdToken?: boolean;
  /** Members of the ID token in place of its own. */
  claims: Record<string, unknown>;
  /** An answer in place of the metadata. */
  metadata?: Record<string, unknown>;
  /** Seconds that the provider's clock is ahead. */
  clock: number;
}

interface Code {
  nonce: string | null;
  challenge: string;
  redirectUri: string;
  clientId: string;
}

export class Provider {
  readonly journal: string[] = [];
  readonly forms: URLSearchParams[] = [];
  readonly mood: Mood = {
    expiresIn: 28_800,
    refreshTokens: false,
    userinfo: {
      sub: "u1",
      name: "Ada Lovelace",
      preferred_username: "ada",
      picture: "https://cdn.example/ada.png",
      profile: "https://huggingface.co/ada",
      isPro: true,
      orgs: [{ sub: "o1", name: "Engines", preferred_username: "engines", picture: "https://cdn.example/o1.png", roleInOrg: "admin" }],
    },
    claims: {},
    clock: 0,
  };
  readonly #codes = new Map<string, Code>();
  /** The one refresh token that is good; an older one ends the login. */
  #refresh = "";
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Provider> {
    const server = createServer();
    const provider = new Provider(server);
    server.on("request", async (request, response) => {
      const { status, body } = provider.#answer(request.url ?? "", await text(request));
      response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return provider;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How often this path was asked. */
  count(path: string): number {
    return this.journal.filter((entry) => entry === path).length;
  }

  /** The person approves: where the browser is sent. */
  approve(authorizeUrl: string): string {
    const query = new URL(authorizeUrl).searchParams;
    const code = randomUUID();
    this.#codes.set(code, {
      nonce: query.get("nonce"),
      challenge: query.get("code_challenge") ?? "",
      redirectUri: query.get("redirect_uri") ?? "",
      clientId: query.get("client_id") ?? "",
    });
    return this.#back(query, { code });
  }

  /** The person declines. */
  deny(authorizeUrl: string): string {
    return this.#back(new URL(authorizeUrl).searchParams, { error: "access_denied", error_description: "The user denied the request" });
  }

  #back(query: URLSearchParams, answer: Record<string, string>): string {
    const url = new URL(query.get("redirect_uri") ?? "");
    for (const [name, value] of Object.entries({ ...answer, state: query.get("state") ?? "" })) url.searchParams.append(name, value);
    return url.href;
  }

  #answer(url: string, body: string): { status: number; body: string } {
    const path = url.split("?")[0] as string;
    this.journal.push(path);
    const ok = (value: unknown): { status: number; body: string } => ({ status: 200, body: JSON.stringify(value) });
    switch (path) {
      case "/.well-known/openid-configuration":
        return ok({
          issuer: this.issuer,
          authorization_endpoint: `${this.issuer}/oauth/authorize`,
          token_endpoint: `${this.issuer}/oauth/token`,
          userinfo_endpoint: `${this.issuer}/oauth/userinfo`,
          jwks_uri: `${this.issuer}/oauth/jwks`,
          code_challenge_methods_supported: ["S256"],
          id_token_signing_alg_values_supported: ["RS256"],
          ...this.mood.metadata,
        });
      case "/oauth/jwks":
        return ok({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k1", alg: "RS256", use: "sig" }] });
      case "/oauth/userinfo":
        return ok(this.mood.userinfo);
      case "/oauth/token":
        this.forms.push(new URLSearchParams(body));
        return this.mood.token ?? this.#token(new URLSearchParams(body));
      default:
        return { status: 404, body: "{}" };
    }
  }

  #token(form: URLSearchParams): { status: number; body: string } {
    const refused = { status: 400, body: '{"error":"invalid_grant"}' };
    let login: Code | undefined;
    if (form.get("grant_type") === "refresh_token") {
      if (form.get("refresh_token") !== this.#refresh) return refused;
      login = { nonce: null, challenge: "", redirectUri: "", clientId: form.get("client_id") ?? "" };
    } else {
      login = this.#codes.get(form.get("code") ?? "");
      this.#codes.delete(form.get("code") ?? "");
      const challenge = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
      if (!login || login.challenge !== challenge || login.redirectUri !== form.get("redirect_uri")) return refused;
    }
    const access_token = `hf_oauth_${randomUUID()}`;
    if (this.mood.refreshTokens) this.#refresh = `refresh-${randomUUID()}`;
    return {
      status: 200,
      body: JSON.stringify({
        access_token,
        token_type: "bearer",
        expires_in: this.mood.expiresIn,
        scope: "openid profile",
        ...(!this.mood.omitIdToken && { id_token: this.#idToken(login, access_token) }),
        ...(this.mood.refreshTokens && { refresh_token: this.#refresh }),
      }),
    };
  }

  #idToken(login: Code, accessToken: string): string {
    const now = Math.floor(Date.now() / 1000) + this.mood.clock;
    const claims = {
      iss: this.issuer,
      aud: login.clientId,
      sub: "u1",
      iat: now,
      exp: now + 3600,
      ...(login.nonce && { nonce: login.nonce }),
      at_hash: createHash("sha256").update(accessToken).digest().subarray(0, 16).toString("base64url"),
      preferred_username: "ada",
      ...this.mood.claims,
    };
    const signed = `${b64({ alg: "RS256", kid: "k1", typ: "JWT" })}.${b64(claims)}`;
    return `${signed}.${createSign("RSA-SHA256").update(signed).sign(privateKey).toString("base64url")}`;
  }
}

async function text(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}
