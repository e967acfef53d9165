// Converts Markdown to elements: headings, lists, quotes, code, links and emphasis. Everything else
// stays text, so that HTML in a post has no effect.

import { element } from "/assets/page.js";

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*]+)\*|\[([^\]]+)\]\(([^)\s]+)\)/g;
const SAFE = /^(https?:\/\/|\/(?!\/)|mailto:|#)/;

export function blocks(text) {
  const parts = text.replaceAll("\r\n", "\n").split(/(^```[^\n]*\n[\s\S]*?^```[ ]*$)/m);
  return parts.flatMap((part) => (part.startsWith("```") ? [code(part)] : paragraphs(part)));
}

function code(part) {
  const lines = part.split("\n").slice(1, -1).join("\n");
  return element("pre", { tabIndex: 0 }, element("code", {}, lines));
}

function paragraphs(part) {
  return part
    .split(/\n{2,}/)
    .map((block) => block.trim())
    .filter(Boolean)
    .map(paragraph);
}

function paragraph(block) {
  const lines = block.split("\n");
  const heading = /^(#{1,4}) +(.*)$/.exec(block);
  if (heading && lines.length === 1) {
    // The title of the page is the first level.
    return element(`h${Math.min(heading[1].length + 1, 5)}`, {}, ...inline(heading[2]));
  }
  if (lines.every((line) => /^[-*] /.test(line))) return list("ul", lines, /^[-*] /);
  if (lines.every((line) => /^\d+[.] /.test(line))) return list("ol", lines, /^\d+[.] /);
  if (lines.every((line) => line.startsWith(">"))) {
    const quote = lines.map((line) => line.replace(/^> ?/, "")).join(" ");
    return element("blockquote", {}, ...inline(quote));
  }
  return element("p", {}, ...inline(lines.join(" ")));
}

function list(name, lines, mark) {
  const items = lines.map((line) => element("li", {}, ...inline(line.replace(mark, ""))));
  return element(name, {}, ...items);
}

function inline(text) {
  const made = [];
  let done = 0;
  for (const found of text.matchAll(INLINE)) {
    made.push(text.slice(done, found.index), mark(found));
    done = found.index + found[0].length;
  }
  return [...made, text.slice(done)];
}

function mark([whole, code, strong, emphasis, label, href]) {
  if (code) return element("code", {}, code);
  if (strong) return element("strong", {}, strong);
  if (emphasis) return element("em", {}, emphasis);
  return SAFE.test(href) ? element("a", { href }, label) : whole;
}
