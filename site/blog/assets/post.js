// The page of one post. The last segment of the path is its slug.

import { ApiError, call, day, element, language } from "/assets/page.js";
import { blocks } from "/assets/markdown.js";

const article = document.querySelector("#post");
const slug = location.pathname.split("/").filter(Boolean).pop();
const other = document.querySelector("#language");
other.href = `/${other.hreflang}/posts/${slug}`;

try {
  const post = await call(`/posts/${encodeURIComponent(slug)}?language=${language}`);
  document.title = `${post.title} – MyBlog`;
  document.querySelector("meta[name=description]").content = post.summary;
  article.replaceChildren(
    element("h1", {}, post.title),
    day(post.publishedAt),
    ...blocks(post.body),
  );
} catch (error) {
  const missing = error instanceof ApiError && [400, 404].includes(error.status);
  article.replaceChildren(
    element("h1", {}, missing ? article.dataset.missing : article.dataset.failed),
  );
}
article.setAttribute("aria-busy", "false");
