// A list that loads a further page each time a button is pressed.

import { call } from "/assets/page.js";

export class Pages {
  constructor(list, path, show) {
    this.list = list;
    this.path = path;
    this.show = show;
    this.status = document.querySelector(`#${list.id}-status`);
    this.button = document.querySelector("#more");
    this.button.addEventListener("click", () => this.load());
  }

  async load() {
    this.button.disabled = true;
    try {
      const next = this.next ? `&next=${encodeURIComponent(this.next)}` : "";
      const page = await call(`${this.path}${next}`);
      this.list.append(...page.items.map(this.show));
      this.next = page.next;
      this.status.textContent = this.list.childElementCount ? "" : this.list.dataset.empty;
    } catch {
      this.status.textContent = this.list.dataset.failed;
    }
    this.button.hidden = !this.next;
    this.button.disabled = false;
    this.list.setAttribute("aria-busy", "false");
  }

  prepend(item) {
    this.list.prepend(this.show(item));
    this.status.textContent = "";
  }
}
