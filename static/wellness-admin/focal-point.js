// Shows the focal point on the image; a click there sets it. The fields for its numbers work without this.
const frame = document.querySelector("[data-focal-point]")
const fields = ["focal_x", "focal_y"].map((name) => document.querySelector(`#id_${name}`))

if (frame && fields.every(Boolean)) {
  const image = frame.querySelector("img")
  const point = document.createElement("span")
  point.className = "focal-point-mark"
  frame.append(point)
  frame.classList.add("may-set")

  const show = () => {
    const [x, y] = fields.map((field) => Math.min(100, Math.max(0, Number(field.value))))
    point.style.left = `${x}%`
    point.style.top = `${y}%`
  }
  show()
  for (const field of fields) field.addEventListener("input", show)
  image.addEventListener("click", (e) => {
    const box = image.getBoundingClientRect()
    const at = [(e.clientX - box.left) / box.width, (e.clientY - box.top) / box.height]
    for (const [i, field] of fields.entries()) {
      field.value = Math.min(100, Math.max(0, Math.round(at[i] * 100)))
      field.dispatchEvent(new Event("input", { bubbles: true }))
    }
  })
}
