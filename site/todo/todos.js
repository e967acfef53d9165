// The list of to-dos.

import { attempt, copy, find, say } from "./page.js";
import { PagedList } from "./paged_list.js";
import { Todo, utc } from "./todo.js";

export class Todos {
  #api;
  #list;
  #draft = {}; // the last new to-do that was sent, and its key

  constructor(api) {
    this.#api = api;
    const filter = find("todos-filter");
    const load = (next) => api.listTodos({ next, open: filter.value === "open" });
    this.#list = new PagedList("todos", load, (todo) => this.#element(todo));
    filter.onchange = () => attempt(() => this.load());
    const form = find("new-todo");
    form.onsubmit = (event) => {
      event.preventDefault();
      attempt(() => this.#add(form));
    };
  }

  load() {
    return this.#list.restart();
  }

  async #add(form) {
    const { title, due } = form.elements;
    const todo = { title: title.value.trim(), dueAt: utc(due.value) };
    if (!todo.title) return title.focus();
    // Use the same key when the same to-do is sent again after a failure, so that it is created once.
    const text = JSON.stringify(todo);
    if (this.#draft.text !== text) this.#draft = { text, key: crypto.randomUUID() };
    const made = await this.#api.createTodo(todo, this.#draft.key);
    this.#draft = {};
    this.#list.add(this.#element(made));
    if (title.value.trim() === made.title) form.reset(); // unless the user already typed the next one
    title.focus();
    say(`Added: ${made.title}`);
  }

  #element(todo) {
    const element = copy("todo");
    element.dataset.key = todo.todoId;
    new Todo(element, todo, this.#api, () => this.#list.remove(element)).show();
    return element;
  }
}
