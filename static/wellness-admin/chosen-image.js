// Shows a small picture of the image that is chosen in a form, also in blocks that are added later.
const $ = window.django.jQuery

const show = (select) => {
  const place = select.closest(".related-widget-wrapper") ?? select.parentElement
  let image = place.querySelector("img.chosen-image")
  if (!select.value) {
    image?.remove()
    return
  }
  if (!image) {
    image = document.createElement("img")
    image.className = "chosen-image"
    image.alt = ""
    place.append(image)
  }
  const url = select.dataset.thumbnails.replace("/0/", `/${select.value}/`)
  if (image.getAttribute("src") !== url) image.src = url
}

for (const select of document.querySelectorAll("select[data-thumbnails]")) show(select)
// Select2 tells jQuery alone.
$(document).on("change", "select[data-thumbnails]", (e) => {
  show(e.currentTarget)
  // So that the preview beside the form hears of it too.
  e.currentTarget.dispatchEvent(new Event("input", { bubbles: true }))
})
