// Starts the page: reads the settings, completes the sign-in, and loads the lists.

import { Api } from "./api.js";
import { Auth } from "./auth.js";
import { Files } from "./files.js";
import { attempt, find, showError } from "./page.js";
import { Todos } from "./todos.js";

attempt(start);

// "Back" after signing out must not bring the lists back.
addEventListener("pageshow", (event) => event.persisted && location.reload());

async function start() {
  const settings = await readSettings();
  // Managed login redirects only to `siteUrl`, and sessionStorage is separate for each origin.
  if (location.origin !== new URL(settings.siteUrl).origin) return location.replace(settings.siteUrl);
  const auth = new Auth(settings, () => show(null));
  find("sign-in").onclick = () => attempt(() => auth.signIn());
  find("sign-up").onclick = () => attempt(() => auth.signUp());
  find("sign-out").onclick = () => attempt(() => auth.signOut());
  const arrived = location.href;
  history.replaceState(null, "", location.pathname); // remove the single-use code from the history
  await auth.finish(arrived).catch(showError);
  show(auth.user);
  if (auth.user) await showLists(new Api(settings.apiUrl, auth));
}

async function readSettings() {
  const response = await fetch("config.json", { cache: "no-store" }).catch(() => null);
  const settings = await response?.json().catch(() => null);
  if (!settings) throw new Error("The settings of this page (config.json) cannot be read.");
  return settings;
}

function show(user) {
  find("user").textContent = user ?? "";
  find("account").hidden = find("signed-in").hidden = !user;
  find("welcome").hidden = Boolean(user);
  if (!user) for (const each of ["todos", "files"]) find(each).replaceChildren();
}

async function showLists(api) {
  const lists = [new Todos(api), new Files(api)];
  await Promise.all(lists.map((each) => each.load()));
}
