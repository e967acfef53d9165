// Sign-in through Cognito managed login: OAuth 2.0 authorization code with PKCE, no client secret.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-managed-login.html

const SCOPES = "openid email todos/read todos/write";
const SIGN_IN = "todo.sign-in"; // state, nonce and verifier of a sign-in in progress
const TOKENS = "todo.tokens";
const EARLY_MS = 60_000; // how long before its expiry a token is renewed

export class Auth {
  #settings;
  #home; // the redirect URI of managed login
  #ended;
  #renewal = null;

  // `settings`: config.json. `ended()` is called when the session has ended and cannot be renewed.
  constructor(settings, ended) {
    this.#settings = settings;
    this.#home = new URL("/", settings.siteUrl).href;
    this.#ended = ended;
  }

  // Email address of the signed-in user, or null.
  get user() {
    return read(TOKENS)?.email ?? null;
  }

  signIn() {
    return this.#leaveFor("/oauth2/authorize");
  }

  signUp() {
    return this.#leaveFor("/signup");
  }

  // Completes the sign-in if `url` is a redirect from managed login.
  async finish(url) {
    const answer = new URL(url).searchParams;
    if (!answer.has("state") && !answer.has("code") && !answer.has("error")) return;
    const expected = read(SIGN_IN);
    sessionStorage.removeItem(SIGN_IN);
    if (!expected || answer.get("state") !== expected.state) {
      throw new Error("This sign-in was not started on this page. Please sign in again.");
    }
    if (!answer.get("code")) throw new Error("The sign-in failed. Please try again.");
    const tokens = await this.#tokens({
      grant_type: "authorization_code",
      code: answer.get("code"),
      redirect_uri: this.#home,
      code_verifier: expected.verifier,
    });
    this.#keep(tokens, this.#identified(tokens.id_token, expected.nonce));
  }

  // Returns a valid access token. `renew`: request a new one even if the current one has not expired.
  async accessToken(renew = false) {
    const tokens = read(TOKENS);
    if (!tokens) throw this.#end();
    if (!renew && Date.now() < tokens.expires - EARLY_MS) return tokens.access;
    // Concurrent callers share one renewal, because a rotated refresh token must not be sent twice.
    this.#renewal ??= this.#renew(tokens).finally(() => (this.#renewal = null));
    return this.#renewal;
  }

  // Revokes and deletes the tokens, then redirects to managed login to end its session too.
  async signOut() {
    const { loginUrl, userPoolClientId } = this.#settings;
    const token = read(TOKENS)?.refresh;
    sessionStorage.clear();
    if (token) {
      const revoked = this.#post("/oauth2/revoke", { token });
      await revoked.catch(() => {}); // if it fails, the tokens expire; they are already deleted here
    }
    const query = new URLSearchParams({ client_id: userPoolClientId, logout_uri: this.#home });
    location.assign(`${loginUrl}/logout?${query}`);
  }

  async #leaveFor(path) {
    const { loginUrl, userPoolClientId } = this.#settings;
    const started = { state: random(), nonce: random(), verifier: random() };
    write(SIGN_IN, started);
    const query = new URLSearchParams({
      response_type: "code",
      client_id: userPoolClientId,
      redirect_uri: this.#home,
      scope: SCOPES,
      state: started.state,
      nonce: started.nonce,
      code_challenge: await challenge(started.verifier),
      code_challenge_method: "S256",
    });
    location.assign(`${loginUrl}${path}?${query}`);
  }

  async #renew({ refresh, email }) {
    const tokens = await this.#tokens({ grant_type: "refresh_token", refresh_token: refresh });
    // Without rotation there is no new refresh token.
    return this.#keep({ refresh_token: refresh, ...tokens }, email);
  }

  #keep(tokens, email) {
    const { access_token: access, refresh_token: refresh, expires_in: seconds } = tokens;
    write(TOKENS, { access, refresh, email, expires: Date.now() + seconds * 1000 });
    return access;
  }

  async #tokens(form) {
    const response = await this.#post("/oauth2/token", form);
    if (response.status >= 400 && response.status < 500) throw this.#end();
    if (!response.ok) throw new Error("The sign-in service is not available. Please try again later.");
    return response.json();
  }

  #post(path, form) {
    const body = new URLSearchParams({ client_id: this.#settings.userPoolClientId, ...form });
    return fetch(this.#settings.loginUrl + path, { method: "POST", body, cache: "no-store" });
  }

  #end() {
    sessionStorage.removeItem(TOKENS);
    this.#ended();
    return new Error("You are signed out. Please sign in again.");
  }

  // The signature need not be checked, because the ID token comes directly from the token endpoint:
  // OpenID Connect Core 1.0, 3.1.3.7, step 6.
  #identified(idToken, nonce) {
    const bytes = Uint8Array.from(atob(fromUrl(idToken.split(".")[1])), (c) => c.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    if (claims.nonce !== nonce || claims.aud !== this.#settings.userPoolClientId) {
      throw new Error("The response belongs to another sign-in. Please sign in again.");
    }
    return claims.email;
  }
}

const read = (key) => JSON.parse(sessionStorage.getItem(key));
const write = (key, value) => sessionStorage.setItem(key, JSON.stringify(value));
const fromUrl = (text) => text.replaceAll("-", "+").replaceAll("_", "/");
const toUrl = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const random = () => toUrl(crypto.getRandomValues(new Uint8Array(32)));

async function challenge(verifier) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return toUrl(new Uint8Array(digest));
}
