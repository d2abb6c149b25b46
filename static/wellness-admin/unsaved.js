// Asks before typed words are lost. Only what a person does counts: editors fill their fields themselves.
const form = document.querySelector("#content-main > form")
let typed = false

for (const event of ["input", "change"]) {
  form?.addEventListener(event, (e) => {
    typed ||= e.isTrusted
  })
}
form?.addEventListener("submit", () => {
  typed = false
})
window.addEventListener("beforeunload", (e) => {
  if (typed) e.preventDefault()
})
