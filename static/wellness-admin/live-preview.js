// Shows beside the form how the page would read with what is typed. Nothing is saved. Without script the
// link leads to the preview of what was saved last.
const pane = document.querySelector("[data-live-preview]")
const form = document.querySelector("#topic_form")
const PAUSE = 1000

if (pane && form) {
  const frame = pane.querySelector("iframe")
  const refresh = pane.querySelector("[formtarget]")
  const open = document.querySelector("[data-live-preview-open]")
  let timer, place = 0

  const show = () => { if (!pane.hidden) form.requestSubmit(refresh) }
  open.addEventListener("click", (event) => {
    event.preventDefault()
    pane.hidden = false
    show()
  })
  pane.querySelector("[data-live-preview-close]").addEventListener("click", () => {
    pane.hidden = true
    open.focus()
  })
  for (const event of ["input", "change"]) {
    form.addEventListener(event, () => {
      clearTimeout(timer)
      timer = setTimeout(show, PAUSE)
    })
  }
  form.addEventListener("submit", (event) => {
    if (event.submitter === refresh) place = frame.contentWindow.scrollY
  })
  frame.addEventListener("load", () => frame.contentWindow.scrollTo(0, place))
}
