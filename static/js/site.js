// Every page works without this file. Each behaviour is started by its data- attribute in the HTML.

// data-theme-toggle: light or dark, a display preference kept on this device only
function themeToggle(button) {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const colourBrowserBar = () => {
    const paper = getComputedStyle(root).getPropertyValue("--paper").trim();
    document.querySelectorAll('meta[name="theme-color"]').forEach((meta) => { meta.content = paper; });
  };
  button.addEventListener("click", () => {
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
    root.dataset.theme = isDark ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* holds for this page only */ }
    colourBrowserBar();
  });
  if (root.dataset.theme) colourBrowserBar();
}

// data-print: a button that prints; hidden in the HTML, because without script it could do nothing
function printButton(button) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// data-unfold-on-print: open what is folded in this part of the page, for browsers whose print style cannot
function unfoldOnPrint(part) {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...part.querySelectorAll("details:not([open])")];
    opened.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((details) => { details.open = false; }));
}

// data-popovers: references (a.ref) and glossary words (a.term) open in place; the plain link works without it
function popovers(part) {
  if (!HTMLElement.prototype.showPopover) return;
  part.addEventListener("click", (event) => {
    const link = event.target.closest("a.ref, a.term");
    const target = link?.hash && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!target || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    showBeside(link, (target.querySelector("[data-pop]") ?? target).textContent.trim());
  });
}

function showBeside(link, text) {
  const pop = document.createElement("span");
  Object.assign(pop, { className: "pop", popover: "auto", tabIndex: -1, textContent: text });
  const go = document.createElement("a");
  go.href = link.href;
  go.textContent = link.classList.contains("ref") ? "Go to the reference" : "Go to the word list";
  go.addEventListener("click", () => pop.hidePopover());
  pop.append(go);
  link.after(pop);
  pop.showPopover();
  const at = link.getBoundingClientRect();
  const below = at.bottom + pop.offsetHeight + 12 < innerHeight;
  const width = document.documentElement.clientWidth;
  pop.style.left = `${Math.max(16, Math.min(at.left, width - pop.offsetWidth - 16))}px`;
  pop.style.top = `${scrollY + (below ? at.bottom + 8 : Math.max(8, at.top - pop.offsetHeight - 8))}px`;
  pop.focus({ preventScroll: true });
  pop.addEventListener("toggle", (event) => { if (event.newState === "closed") pop.remove(); });
}

// data-contents: mark the section being read in the list of contents
function contents(list) {
  const links = new Map([...list.querySelectorAll('a[href^="#"]')].map((a) => [a.hash.slice(1), a]));
  const observer = new IntersectionObserver((entries) => {
    const entered = entries.find((entry) => entry.isIntersecting);
    if (!entered) return;
    links.forEach((a) => a.removeAttribute("aria-current"));
    links.get(entered.target.id).setAttribute("aria-current", "true");
  }, { rootMargin: "-10% 0px -80% 0px" });
  links.forEach((_, id) => { const section = document.getElementById(id); if (section) observer.observe(section); });
}

const behaviours = {
  themeToggle, print: printButton, unfoldOnPrint, popovers, contents,
};
for (const [name, start] of Object.entries(behaviours)) {
  const attribute = `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  document.querySelectorAll(`[${attribute}]`).forEach(start);
}
