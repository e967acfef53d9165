// Client of the to-do API, which is described in apis/todo.yaml.

export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

export class Api {
  #url;
  #auth;

  constructor(url, auth) {
    this.#url = url;
    this.#auth = auth;
  }

  // Returns a page {items, next}. Members of `query`: next, open.
  listTodos(query) {
    return this.#call("GET", "/todos", { query });
  }

  // A repeated call with the same `key` does not create another to-do.
  createTodo(todo, key) {
    return this.#call("POST", "/todos", { body: todo, headers: { "Idempotency-Key": key } });
  }

  getTodo(id) {
    return this.#call("GET", `/todos/${encodeURIComponent(id)}`);
  }

  // Replaces the whole to-do. Throws ApiError 409 if its version has changed.
  updateTodo({ todoId, title, note, done, dueAt, version }) {
    const body = { title, note, done, dueAt, version };
    return this.#call("PUT", `/todos/${encodeURIComponent(todoId)}`, { body });
  }

  deleteTodo(id) {
    return this.#call("DELETE", `/todos/${encodeURIComponent(id)}`);
  }

  // Returns a page {items, next}. Member of `query`: next.
  listFiles(query) {
    return this.#call("GET", "/files", { query });
  }

  // Stores `file` under its name and replaces an existing file.
  async uploadFile(file) {
    const contentType = file.type.split(";")[0] || "application/octet-stream";
    const body = { name: file.name, contentType, size: file.size, overwrite: true };
    const upload = await this.#call("POST", "/files", { body });
    const form = new FormData();
    for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
    form.append("file", file); // last, because S3 ignores the fields after the file
    const response = await send(upload.url, { method: upload.method, body: form });
    if (!response.ok) {
      throw new ApiError(`${file.name} was not stored (HTTP ${response.status}).`, response.status);
    }
  }

  // Returns a URL that downloads the file, valid for a short time.
  async downloadUrl(name) {
    return (await this.#call("GET", `/files/${encodeURIComponent(name)}`)).url;
  }

  deleteFile(name) {
    return this.#call("DELETE", `/files/${encodeURIComponent(name)}`);
  }

  async #call(method, path, { query = {}, headers = {}, body } = {}) {
    const parameters = Object.entries(query).filter(([, value]) => value);
    const url = `${this.#url}${path}${parameters.length ? "?" : ""}${new URLSearchParams(parameters)}`;
    const request = { method, headers: { ...headers } };
    if (body) {
      request.headers["Content-Type"] = "application/json";
      request.body = JSON.stringify(body);
    }
    let response = await this.#send(url, request);
    // The token was revoked or expired early.
    if (response.status === 401) response = await this.#send(url, request, true);
    if (!response.ok) throw new ApiError(await reason(response), response.status);
    return response.status === 204 ? null : response.json();
  }

  async #send(url, request, renew = false) {
    const token = await this.#auth.accessToken(renew);
    return send(url, { ...request, headers: { ...request.headers, Authorization: `Bearer ${token}` } });
  }
}

async function send(url, request) {
  try {
    return await fetch(url, request);
  } catch {
    throw new ApiError("The service cannot be reached. Check your connection and try again.", 0);
  }
}

// Returns the message of an error response as a sentence.
async function reason(response) {
  const { field, message } = await response.json().catch(() => ({}));
  if (!message) return `The service responded with HTTP ${response.status}.`;
  const words = [field, message].filter(Boolean).join(" ");
  return `${words[0].toUpperCase()}${words.slice(1)}.`;
}
