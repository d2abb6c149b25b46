// Inside the frame of a preview: what leads to another page opens beside the admin, since those pages
// refuse to be framed. Links within the page stay.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]")
  if (link && link.href.split("#")[0] !== location.href.split("#")[0]) link.target = "_blank"
})
document.addEventListener("submit", (event) => {
  event.target.target = "_blank"
})
