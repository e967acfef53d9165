// Shared by the views: find and copy elements, show messages and errors.

export const find = (id) => document.getElementById(id);

// Returns a copy of the only element in <template id="...">.
export const copy = (id) => find(id).content.firstElementChild.cloneNode(true);

export function say(text) {
  find("error").textContent = "";
  find("status").textContent = text;
}

export function showError(error) {
  find("status").textContent = "";
  find("error").textContent = error.message;
}

// Runs an action of the user and shows its error if it fails. Returns whether it succeeded.
export async function attempt(action) {
  try {
    await action();
    return true;
  } catch (error) {
    showError(error);
    return false;
  }
}
