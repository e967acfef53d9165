// The user's files: upload, list, download and delete.

import { attempt, copy, find, say } from "./page.js";
import { PagedList } from "./paged_list.js";

export class Files {
  #api;
  #list;

  constructor(api) {
    this.#api = api;
    const load = (next) => api.listFiles({ next });
    this.#list = new PagedList("files", load, (file) => this.#element(file));
    const input = find("file");
    input.onchange = () => {
      const files = [...input.files];
      input.value = ""; // allows the same file to be chosen again, also while these are uploaded
      this.#store(files);
    };
    this.#takeDrops();
  }

  load() {
    return this.#list.restart();
  }

  #takeDrops() {
    const zone = find("drop");
    const isOver = (event) => zone.contains(event.target);
    addEventListener("dragover", (event) => {
      event.preventDefault(); // also outside the zone, where the browser would open the file
      event.dataTransfer.dropEffect = isOver(event) ? "copy" : "none";
      zone.classList.toggle("over", isOver(event));
    });
    addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      if (isOver(event)) this.#store([...event.dataTransfer.files]);
    });
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  }

  #store(files) {
    return attempt(async () => {
      for (const file of files) {
        if (this.#list.has(file.name) && !confirm(`Replace ${file.name}?`)) continue;
        say(`Uploading ${file.name} …`);
        await this.#api.uploadFile(file);
        say(`Uploaded: ${file.name}`);
      }
    }).then((stored) => stored && attempt(() => this.load()));
  }

  #element(file) {
    const element = copy("file-entry");
    const [save, remove] = element.querySelectorAll("a, button");
    element.dataset.key = file.name;
    save.textContent = file.name;
    save.onclick = (event) => {
      event.preventDefault();
      attempt(() => this.#save(file.name));
    };
    element.querySelector(".size").textContent = size(file.size);
    remove.ariaLabel = `Delete ${file.name}`;
    remove.onclick = () => attempt(() => this.#delete(file.name, element));
    return element;
  }

  // The signed URL is valid for a short time, so request it only when it is needed.
  async #save(name) {
    const link = document.createElement("a");
    link.href = await this.#api.downloadUrl(name);
    link.click();
    say(`Downloading ${name}`);
  }

  async #delete(name, element) {
    if (!confirm(`Delete ${name}?`)) return;
    await this.#api.deleteFile(name);
    this.#list.remove(element);
    say(`Deleted: ${name}`);
  }
}

function size(bytes) {
  const [unit, divisor] = bytes < 1000 ? ["byte", 1] : bytes < 1e6 ? ["kilobyte", 1e3] : ["megabyte", 1e6];
  const style = { style: "unit", unit, unitDisplay: unit === "byte" ? "long" : "short", maximumFractionDigits: 1 };
  return new Intl.NumberFormat("en", style).format(bytes / divisor);
}
