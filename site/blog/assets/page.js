// Shared by all pages: the language, calls to the API, and the link to the other language.

export const language = document.documentElement.lang;

export class ApiError extends Error {
  constructor(status) {
    super(`the API answered ${status}`);
    this.status = status;
  }
}

const TRIES = 5;

export async function call(path, options = {}) {
  let answer = await fetch(`/api${path}`, options);
  // The API refused it because of a limit, so that it had no effect.
  for (let tries = 1; answer.status === 429 && tries < TRIES; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    answer = await fetch(`/api${path}`, options);
  }
  if (!answer.ok) throw new ApiError(answer.status);
  return answer.json();
}

export function send(path, body) {
  return call(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export function day(text) {
  const format = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
  return element("time", { dateTime: text.slice(0, 10) }, format.format(new Date(text)));
}

const other = document.querySelector("#language");
other?.addEventListener("click", () => {
  document.cookie = `language=${other.hreflang}; path=/; max-age=31536000; samesite=lax; secure`;
});
