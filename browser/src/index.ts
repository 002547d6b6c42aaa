/**
 * Sign in with Hugging Face from a page without a server. Importing this module does nothing.
 *
 * @module
 */
export {
  generateOAuthLoginUrl,
  handleOAuthRedirect,
  init,
  loadSavedOAuthResult,
  logout,
  onChange,
  settingsUrl,
  signIn,
  token,
  userInfo,
} from "./client.js";
export { oauthHandleRedirect, oauthHandleRedirectIfPresent, oauthLoginUrl } from "./compat.js";
export type { LoginStorage, LoginUrlOptions, RedirectOptions } from "./compat.js";
export { readConfig } from "./page/config.js";
export type { Config, LoginOptions, OAuthResult, Options, Organisation, UserInfo } from "./page/types.js";
export { type Rule, SignInError, isSignInError } from "./rules/refused.js";
