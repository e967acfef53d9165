// The page of posts and the subscription form.

import { ApiError, day, element, language, send } from "/assets/page.js";
import { Pages } from "/assets/pages.js";

const posts = document.querySelector("#posts");
new Pages(posts, `/posts?language=${language}&limit=20`, (post) =>
  element(
    "li",
    {},
    element("h2", {}, element("a", { href: `/${language}/posts/${post.slug}` }, post.title)),
    day(post.publishedAt),
    element("p", {}, post.summary),
  ),
).load();

const form = document.querySelector("#subscribe");
const status = document.querySelector("#subscribe-status");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  status.textContent = "";
  try {
    await send("/subscriptions", { email: form.elements.email.value.trim(), language });
    form.reset();
    status.textContent = form.dataset.done;
  } catch (error) {
    const refused = error instanceof ApiError && error.status === 400;
    status.textContent = refused ? form.dataset.refused : form.dataset.failed;
  }
  button.disabled = false;
});
