/** The element of the page with this id. */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as T;
}

/** One sentence below the picture, told to screen readers too. */
export function say(text: string, { isProblem = false } = {}): void {
  const status = element("status");
  status.textContent = text;
  status.classList.toggle("problem", isProblem);
}
