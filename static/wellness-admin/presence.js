// Says every 15 seconds that this form is open, and shows who else has it open. Without script the line
// that was drawn with the form stays as it was.
const notice = document.querySelector("[data-presence]")
const form = notice?.closest("form")
const PAUSE = 15000

if (form) {
  const url = notice.dataset.presence
  let hasChanges = "presenceUnsaved" in notice.dataset
  let isSaving = false

  const message = (more = {}) => {
    const data = new FormData()
    for (const name of ["csrfmiddlewaretoken", "_checkpoint"]) {
      data.append(name, form.querySelector(`[name=${name}]`).value)
    }
    if (hasChanges) data.append("has_changes", "on")
    for (const [name, value] of Object.entries(more)) data.append(name, value)
    return data
  }

  const ask = async () => {
    let html
    try {
      // Whoever was logged out meanwhile would be sent to the page that asks for a password.
      const answer = await fetch(url, { method: "POST", body: message(), redirect: "manual" })
      if (!answer.ok) return
      html = await answer.text()
    } catch {
      return // Nobody answers: it is asked again.
    }
    const shown = document.createElement("template")
    shown.innerHTML = html
    // What did not change is not read out again.
    if (shown.content.textContent.trim() !== notice.textContent.trim()) notice.replaceChildren(shown.content)
  }

  for (const event of ["input", "change"]) {
    form.addEventListener(event, (e) => {
      if (!e.isTrusted || hasChanges) return
      hasChanges = true
      ask()
    })
  }
  form.addEventListener("submit", (e) => {
    // A preview saves nothing.
    isSaving = !e.submitter?.formTarget
  })
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") navigator.sendBeacon(url, message())
    else ask()
  })
  window.addEventListener("pagehide", () => {
    // Whoever saves comes back to the form, as a rule; if not, the silence tells.
    if (!isSaving) navigator.sendBeacon(url, message({ left: "on" }))
  })
  window.addEventListener("pageshow", (e) => {
    isSaving = false
    if (e.persisted) ask()
  })
  ask()
  setInterval(ask, PAUSE)
}
