// The page of photos: the gallery and the upload form.

import { ApiError, call, day, element, send } from "/assets/page.js";
import { Pages } from "/assets/pages.js";

const TYPES = ["image/jpeg", "image/png", "image/webp", "image/gif"];
const POLLS = 120;

const list = document.querySelector("#gallery");
const gallery = new Pages(list, "/photos?limit=24", (photo) => {
  const type = photo.thumbnails.some((each) => each.type === "image/webp")
    ? "image/webp"
    : photo.thumbnails[0]?.type;
  const sizes = photo.thumbnails.filter((each) => each.type === type);
  const smallest = sizes[0] ?? photo.thumbnails[0];
  const image = element("img", {
    alt: `${list.dataset.alt} ${day(photo.uploadedAt).textContent}`,
    width: smallest.width,
    height: smallest.height,
    loading: "lazy",
    decoding: "async",
    sizes: "(max-width: 30rem) 100vw, 14rem",
    srcset: sizes.map((each) => `${path(each)} ${each.width}w`).join(", "),
    src: path(smallest),
  });
  const largest = sizes.at(-1) ?? smallest;
  return element("li", {}, element("a", { href: path(largest) }, image));
});
gallery.load();

function path(thumbnail) {
  return thumbnail.path.startsWith("/") ? thumbnail.path : `/${thumbnail.path}`;
}

const form = document.querySelector("#upload");
const status = document.querySelector("#upload-status");
const texts = form.dataset;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const file = form.querySelector("#file").files[0];
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    status.textContent = await upload(file);
  } catch {
    status.textContent = texts.failed;
  }
  button.disabled = false;
});

async function upload(file) {
  if (!TYPES.includes(file.type)) return texts.wrongType;
  status.textContent = texts.uploading;
  const signed = await send("/photos", { contentType: file.type });
  if (file.size > signed.maxBytes) return texts.tooLarge;
  const content = new FormData();
  Object.entries(signed.fields).forEach(([name, value]) => content.append(name, value));
  content.append("file", file);
  const stored = await fetch(signed.url, { method: "POST", body: content });
  if (!stored.ok) throw new ApiError(stored.status);
  status.textContent = texts.processing;
  return finished(signed.photoId);
}

async function finished(photoId) {
  for (let poll = 0; poll < POLLS; poll += 1) {
    const state = await call(`/photos/${photoId}`, { cache: "no-store" });
    if (state.status === "failed") return state.message;
    if (state.status === "ready") {
      form.reset();
      // The list can be cached for a while, so add the photo directly.
      gallery.prepend(state.photo);
      return texts.ready;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error("timed out while waiting for the thumbnails");
}
