// One to-do on the page.

import { attempt, say } from "./page.js";

export class Todo {
  #element;
  #todo;
  #api;
  #gone;
  #last = Promise.resolve();

  // `element`: a copy of the template `todo`. `gone()` is called when the to-do is no more.
  constructor(element, todo, api, gone) {
    this.#element = element;
    this.#todo = todo;
    this.#api = api;
    this.#gone = gone;
    const { done, due, save } = this.#parts;
    done.onchange = () => this.#change({ done: done.checked });
    due.oninput = () => (save.hidden = due.value === local(this.#todo.dueAt));
    element.querySelector(".due").onsubmit = (event) => {
      event.preventDefault();
      this.#change({ dueAt: utc(due.value) });
    };
    element.querySelector(".delete").onclick = () => this.#queue(() => this.#delete());
  }

  show() {
    const { done, due, save } = this.#parts;
    const { title, done: isDone, dueAt } = this.#todo;
    this.#element.querySelector(".title span").textContent = title;
    this.#element.querySelector(".delete").ariaLabel = `Delete ${title}`;
    due.ariaLabel = `Due date of ${title}`;
    save.ariaLabel = `Save the due date of ${title}`;
    done.checked = isDone;
    due.value = local(dueAt);
    if (document.activeElement === save) due.focus();
    save.hidden = true;
  }

  get #parts() {
    const [save] = this.#element.querySelectorAll(".due button");
    const [done, due] = this.#element.querySelectorAll("input");
    return { done, due, save };
  }

  // One request after the other: each is made from the version before.
  #queue(action) {
    this.#last = this.#last.then(() => attempt(action));
    return this.#last;
  }

  #change(changes) {
    return this.#queue(async () => {
      try {
        this.#todo = await this.#api.updateTodo({ ...this.#todo, ...changes });
        say(`Saved: ${this.#todo.title}`);
      } catch (error) {
        if (error.status === 404) this.#gone();
        if (error.status !== 409) throw error;
        this.#todo = await this.#api.getTodo(this.#todo.todoId);
        throw new Error("It was changed elsewhere meanwhile. This is how it is now.");
      } finally {
        this.show(); // after a failure what is saved, not what was tried
      }
    });
  }

  async #delete() {
    await this.#api.deleteTodo(this.#todo.todoId);
    this.#gone();
    say(`Deleted: ${this.#todo.title}`);
  }
}

// What <input type="datetime-local"> holds, from and to what the API takes; empty and undefined.
export const utc = (text) => (text ? new Date(text).toISOString() : undefined);

function local(iso) {
  if (!iso) return "";
  const time = new Date(iso);
  return new Date(time - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
