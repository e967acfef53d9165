// What the views share: finding and copying elements, and telling the user how it went.

export const find = (id) => document.getElementById(id);

// A copy of the one element in <template id="...">.
export const copy = (id) => find(id).content.firstElementChild.cloneNode(true);

export function say(text) {
  find("error").textContent = "";
  find("status").textContent = text;
}

export function complain(error) {
  find("status").textContent = "";
  find("error").textContent = error.message;
}

// Run what the user asked for, and say so when it fails. Gives whether it worked.
export async function attempt(action) {
  try {
    await action();
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}
