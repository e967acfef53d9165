// A list that is loaded page by page, used for to-dos and files.

import { attempt, find } from "./page.js";

export class PagedList {
  #name;
  #load;
  #show;
  #next;
  #asked = 0;
  #list;

  // `name`: the IDs of its elements are <name>, <name>-none, <name>-more, <name>-heading.
  // `load(next)` returns a page {items, next}. `show(item)` returns a list element with data-key.
  constructor(name, load, show) {
    this.#name = name;
    this.#load = load;
    this.#show = show;
    this.#list = find(name);
    this.#more.onclick = () => attempt(() => this.#continue());
  }

  // Loads the first page again.
  async restart() {
    const page = await this.#page();
    if (!page) return;
    this.#list.replaceChildren(...page.items.map(this.#show));
    this.#settle();
  }

  // Inserts an element at the start unless its key is already shown.
  add(element) {
    if (!this.has(element.dataset.key)) this.#list.prepend(element);
    this.#settle();
  }

  // Removes an element and moves the focus to its neighbor.
  remove(element) {
    const near = element.nextElementSibling ?? element.previousElementSibling;
    element.remove();
    (near?.querySelector("input, a") ?? find(`${this.#name}-heading`)).focus();
    this.#settle();
  }

  // Returns whether an element with this key is shown.
  has(key) {
    return [...this.#list.children].some((each) => each.dataset.key === key);
  }

  async #continue() {
    const page = await this.#page(this.#next);
    if (!page) return;
    // An element that was added here can also be on the page.
    const more = page.items.map(this.#show).filter((each) => !this.has(each.dataset.key));
    this.#list.append(...more);
    more[0]?.querySelector("input, a").focus();
    this.#settle();
  }

  // Returns the page, or null if another one was requested in the meantime.
  async #page(next) {
    const asked = ++this.#asked;
    this.#list.ariaBusy = "true";
    try {
      const page = await this.#load(next);
      if (asked !== this.#asked) return null;
      this.#next = page.next;
      return page;
    } finally {
      if (asked === this.#asked) this.#list.ariaBusy = "false";
    }
  }

  #settle() {
    find(`${this.#name}-none`).hidden = this.#list.childElementCount > 0 || Boolean(this.#next);
    this.#more.hidden = !this.#next;
  }

  get #more() {
    return find(`${this.#name}-more`);
  }
}
