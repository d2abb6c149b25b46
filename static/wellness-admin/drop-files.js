// Takes files that are dropped on the field, and says how many were chosen.
for (const place of document.querySelectorAll("[data-drop-files]")) {
  const input = place.querySelector('input[type="file"]')
  const said = place.querySelector("[data-drop-files-said]")

  const tell = () => {
    const names = [...input.files].map((file) => file.name)
    said.textContent = names.length > 1 ? `${names.length} files: ${names.join(", ")}` : ""
  }
  for (const event of ["dragenter", "dragover"]) {
    place.addEventListener(event, (e) => {
      e.preventDefault()
      place.classList.add("dragged-over")
    })
  }
  for (const event of ["dragleave", "drop"]) {
    place.addEventListener(event, () => place.classList.remove("dragged-over"))
  }
  place.addEventListener("drop", (e) => {
    e.preventDefault()
    if (!e.dataTransfer.files.length) return
    input.files = e.dataTransfer.files
    tell()
  })
  input.addEventListener("change", tell)
  place.classList.add("takes-drops")
}
