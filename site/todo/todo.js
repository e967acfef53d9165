// One to-do in the list.

import { attempt, say } from "./page.js";

export class Todo {
  #element;
  #todo;
  #api;
  #gone;
  #last = Promise.resolve();

  // `element`: a copy of the template `todo`. `gone()` is called when the to-do no longer exists.
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

  // Sends one request at a time, because each is based on the version of the previous response.
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
        throw new Error("This to-do was changed elsewhere. The list now shows the current version.");
      } finally {
        this.show(); // after a failure, show the stored values
      }
    });
  }

  async #delete() {
    await this.#api.deleteTodo(this.#todo.todoId);
    this.#gone();
    say(`Deleted: ${this.#todo.title}`);
  }
}

// Convert between the value of <input type="datetime-local"> and the times of the API; "" is undefined.
export const utc = (text) => (text ? new Date(text).toISOString() : undefined);

function local(iso) {
  if (!iso) return "";
  const time = new Date(iso);
  return new Date(time - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
