// Asks before typed words are lost. Only what a person does counts: editors fill their fields themselves.
const form = document.querySelector("#content-main > form")
let typed = false

for (const event of ["input", "change"]) {
  form?.addEventListener(event, (e) => {
    typed ||= e.isTrusted
  })
}
form?.addEventListener("submit", (e) => {
  // A preview saves nothing.
  if (!e.submitter?.formTarget) typed = false
})
window.addEventListener("beforeunload", (e) => {
  if (typed) e.preventDefault()
})
