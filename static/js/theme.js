// Runs before the first paint, so that a saved theme never flashes: a strict CSP allows no inline script.
// It also says that scripts run, which shows the theme button.
document.documentElement.classList.add("js");
try {
  const saved = localStorage.getItem("theme");
  if (saved === "light" || saved === "dark") document.documentElement.dataset.theme = saved;
} catch {
  // Storage is blocked: the system's theme holds.
}
