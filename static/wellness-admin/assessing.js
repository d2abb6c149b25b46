// Says beside the form what follows from the judgements: certainty, sentence, flaws. Nothing is saved.
// Without script it is there after “Save draft”.
const form = document.querySelector("[data-assess-preview]")
const PAUSE = 400

if (form) {
  const certainty = form.querySelector("[data-follows-certainty]")
  const sentence = form.querySelector("[data-follows-sentence]")
  const flaws = form.querySelector("[data-follows-flaws]")
  let timer, asking

  const line = (flaw) => {
    const item = document.createElement("li")
    item.textContent = `${flaw.is_stop ? "Stops signing: " : "Look again: "}${flaw.message}`
    item.classList.toggle("stop", flaw.is_stop)
    return item
  }
  const show = (follows) => {
    certainty.textContent = follows.certainty || "say first where it starts"
    sentence.textContent = follows.sentence
    flaws.replaceChildren(...follows.flaws.map(line))
  }
  const ask = async () => {
    asking?.abort()
    asking = new AbortController()
    try {
      const answer = await fetch(form.dataset.assessPreview, {
        method: "POST", body: new FormData(form), signal: asking.signal,
      })
      if (answer.ok) show(await answer.json())
    } catch (error) {
      // The next change asks again.
      if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error
    }
  }
  for (const event of ["input", "change"]) {
    form.addEventListener(event, () => {
      clearTimeout(timer)
      timer = setTimeout(ask, PAUSE)
    })
  }
}
