// Comments beside the form of a topic or beside its preview. They are sent apart from the form, so that nothing
// typed there is lost. Blocks and fields get a button, and selected words become the quote. Without script the
// comments stand below the form, and have a page of their own.
const pane = document.querySelector("[data-comments]")
const LONGEST_QUOTE = 500
const NOT_SENT = "This could not be sent. What you wrote is still here: try again."
const SIGNED_OUT = "You are not signed in any more. What you wrote is still here: sign in in another tab, then try again."
// Fields of the page that readers see, by where they stand in its preview.
const FIELDS_IN_PREVIEW = [["#glance .prose", "key_points"], ["#unknown .prose", "not_known"], ["h1 .sub", "subtitle"], ["h1", "title"], [".standfirst", "standfirst"]]

const make = (tag, properties) => Object.assign(document.createElement(tag), properties)
const elementOf = (node) => node?.nodeType === Node.ELEMENT_NODE ? node : node?.parentElement
const inOneLine = (text) => text.replace(/\s+/g, " ").trim()
const shortened = (text, longest) => text.length <= longest ? text : text.slice(0, longest).replace(/\s+\S*$/, "")

if (pane) {
  const part = pane.querySelector("[data-comments-part]")
  const isBesideForm = pane.dataset.beside === "form"
  const form = () => part.querySelector("[data-new-comment]")
  const threads = () => [...part.querySelectorAll("[data-thread]")]
  const frames = [...document.querySelectorAll("[data-commented-frames] iframe")]

  // Sending

  const typedElsewhere = (sent) => [...part.querySelectorAll("form")]
    .filter((other) => other !== sent)
    .flatMap((other) => [...other.querySelectorAll("textarea, select, input[type=text]")]
      .filter((field) => field.tagName === "SELECT" || field.value !== field.defaultValue)
      .map((field) => ({ action: other.getAttribute("action"), name: field.name, value: field.value })))

  const putBack = (typed) => {
    for (const { action, name, value } of typed) {
      const other = [...part.querySelectorAll("form")].find((found) => found.getAttribute("action") === action)
      const field = other?.elements.namedItem(name)
      if (!field) continue
      field.value = value
      const folded = field.closest("details")
      if (folded) folded.open = true
    }
  }

  const say = (text) => {
    part.querySelector(".said")?.remove()
    const said = make("p", { className: "said", tabIndex: -1 })
    said.setAttribute("role", "status")
    part.prepend(said)
    said.textContent = text
    return said
  }

  const show = (html, sent) => {
    const known = new Set(threads().map((thread) => thread.id))
    const about = sent.closest("[data-thread]")?.id
    const typed = typedElsewhere(sent)
    const isNew = sent === form()
    part.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes)
    putBack(typed)
    mark()
    const fresh = isNew && threads().find((thread) => !known.has(thread.id))
    const place = part.querySelector("[role=alert]") ?? (fresh || (about && document.getElementById(about))) ?? part.querySelector(".said")
    const folded = place?.closest("details")
    if (folded) folded.open = true
    if (place) {
      place.tabIndex = -1
      place.focus({ preventScroll: true })
      place.scrollIntoView({ block: "nearest" })
    }
  }

  let isSending = false
  pane.addEventListener("submit", async (event) => {
    event.preventDefault()
    if (isSending) return
    isSending = true
    const sent = event.target
    try {
      const address = new URL(sent.action)
      address.searchParams.set("beside", pane.dataset.beside)
      const response = await fetch(address, { method: "POST", body: new FormData(sent), headers: { "X-Requested-With": "fetch" } })
      if (response.redirected) say(SIGNED_OUT).scrollIntoView({ block: "nearest" })
      else if (response.ok || response.status === 422) show(await response.text(), sent)
      else say(response.status === 404 ? "This comment is not there any more." : NOT_SENT).scrollIntoView({ block: "nearest" })
    } catch {
      say(NOT_SENT).scrollIntoView({ block: "nearest" })
    }
    isSending = false
  })
  window.addEventListener("beforeunload", (event) => {
    const typed = [...part.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue)
    if (typed) event.preventDefault()
  })

  // The pane at the side of a form

  const close = pane.querySelector("[data-comments-close]")
  const openers = document.querySelectorAll("[data-comments-open]")
  let opener = null
  const open = (from) => {
    if (!isBesideForm) return
    document.querySelector("[data-live-preview]:not([hidden]) [data-live-preview-close]")?.click()
    pane.hidden = false
    opener = from ?? opener
  }
  if (isBesideForm) {
    pane.classList.add("at-side")
    pane.hidden = true
    close.hidden = false
    close.addEventListener("click", () => {
      pane.hidden = true
      opener?.focus()
    })
    for (const link of openers) {
      link.addEventListener("click", (event) => {
        event.preventDefault()
        open(link)
        close.focus()
      })
    }
    document.querySelector("[data-live-preview-open]")?.addEventListener("click", () => { pane.hidden = true })
  }

  const begin = (place, quote, from) => {
    open(from)
    const { about, quote: words, text } = form().elements
    about.value = place
    words.value = quote
    text.focus()
    form().scrollIntoView({ block: "nearest" })
  }
  const showThread = (thread, from) => {
    open(from)
    thread.tabIndex = -1
    thread.focus({ preventScroll: true })
    thread.scrollIntoView({ block: "nearest" })
  }

  // Places in the form

  const source = document.getElementById("commented-blocks")
  const idOfBlock = source ? JSON.parse(source.textContent) : {}
  const uidOfBlock = Object.fromEntries(Object.entries(idOfBlock).map(([uid, id]) => [id, uid]))
  const isPlace = (place) => [...form().elements.about.options].some((option) => option.value === place)

  const elementInForm = (uid, field) => {
    const block = uid ? document.getElementById(idOfBlock[uid]) : document.querySelector("#topic_form")
    if (!block || !field) return uid ? block : null
    const own = [...block.querySelectorAll(`.fieldBox.field-${field}, .form-row.field-${field}`)]
      .filter((row) => uid || !row.closest(".inline-group"))
    return own.find((row) => row.matches(".fieldBox")) ?? own[0] ?? (uid ? block : null)
  }

  const placeInForm = (node) => {
    const inline = node.closest(".inline-related[id]")
    if (inline && !uidOfBlock[inline.id]) return null
    const row = node.closest(".fieldBox, .form-row")
    const field = [...row?.classList ?? []].find((name) => name.startsWith("field-"))?.slice("field-".length)
    const page = inline ? uidOfBlock[inline.id] : "page"
    return [`${page}:${field}`, page].find(isPlace) ?? null
  }

  const addButton = (host, place, name) => {
    const button = make("button", { type: "button", className: "comment-here", textContent: "Comment" })
    button.setAttribute("aria-label", `Comment on ${name}`)
    button.addEventListener("click", (event) => {
      event.preventDefault()
      event.stopPropagation()
      begin(place, "", button)
    })
    host.classList.add("commentable")
    host.append(button)
  }

  const addButtons = () => {
    for (const option of form().elements.about.options) {
      const [page, field] = option.value.split(":")
      const uid = page === "page" ? "" : page
      const element = elementInForm(uid, field)
      if (!element || (field && element.matches(".inline-related"))) continue
      const name = field ? option.textContent : option.parentElement.label
      addButton(field ? element : element.querySelector(":scope > h3") ?? element, option.value, name)
    }
  }

  const markForm = () => {
    for (const old of document.querySelectorAll(".comments-here")) old.remove()
    for (const thread of threads().filter((found) => "open" in found.dataset)) {
      const element = elementInForm(thread.dataset.block, thread.dataset.field)
      if (!element) continue
      let list = element.querySelector(":scope > .comments-here")
      if (!list) {
        list = make("ul", { className: "comments-here" })
        const title = element.matches(".inline-related") && element.querySelector(":scope > h3")
        if (title) title.after(list)
        else element.append(list)
      }
      const said = thread.querySelector(".comment")
      const who = said.querySelector("strong").textContent
      const link = make("a", { href: `#${thread.id}`, textContent: `${who}: ${shortened(inOneLine(said.querySelector(".comment-text").textContent), 90)}` })
      link.addEventListener("click", (event) => {
        event.preventDefault()
        showThread(thread, link)
      })
      list.append(make("li", {}))
      list.lastChild.append(link)
    }
  }

  // Places in the preview

  const placeInPreview = (node) => {
    const block = node.closest("[data-block]")
    if (block) return isPlace(block.dataset.block) ? { place: block.dataset.block, block } : null
    for (const [selector, field] of FIELDS_IN_PREVIEW) {
      const found = node.closest(selector)
      if (found) return { place: `page:${field}`, block: found }
    }
    return null
  }

  const elementInPreview = (page, uid, field) => {
    if (uid) return page.querySelector(`[data-block="${CSS.escape(uid)}"]`)
    const selector = FIELDS_IN_PREVIEW.find(([, name]) => name === field)?.[0]
    return selector ? page.querySelector(selector) : null
  }

  // Numbers of references and words for screen readers alone are no words of the page.
  const APART = ".ref, .vh"
  const rangeOf = (page, block, quote) => {
    const walker = page.createTreeWalker(block, NodeFilter.SHOW_TEXT)
    let letters = ""
    const spots = []
    while (walker.nextNode()) {
      if (walker.currentNode.parentElement.closest(APART)) continue
      for (const [offset, letter] of [...walker.currentNode.data].entries()) {
        if (/\s/.test(letter)) continue
        letters += letter
        spots.push([walker.currentNode, offset])
      }
    }
    const wanted = quote.replace(/\s+/g, "")
    const start = wanted ? letters.indexOf(wanted) : -1
    if (start < 0) return null
    const range = page.createRange()
    const [last, offset] = spots[start + wanted.length - 1]
    range.setStart(...spots[start])
    range.setEnd(last, offset + 1)
    return range
  }

  const markPreview = (frame) => {
    const page = frame.contentDocument
    for (const old of page.querySelectorAll(".has-comments")) old.classList.remove("has-comments")
    const ranges = []
    for (const thread of threads().filter((found) => "open" in found.dataset && !("lost" in found.dataset))) {
      const element = elementInPreview(page, thread.dataset.block, thread.dataset.field)
      if (!element) continue
      element.classList.add("has-comments")
      const quote = thread.querySelector(":scope > blockquote")?.textContent
      const range = quote && rangeOf(page, element, quote)
      if (range) ranges.push(range)
    }
    const { CSS: style, Highlight } = frame.contentWindow
    if (style?.highlights && Highlight) style.highlights.set("commented", new Highlight(...ranges))
  }

  const mark = () => {
    const count = threads().filter((thread) => "open" in thread.dataset).length
    for (const link of openers) link.textContent = count ? `Comments: ${count} open` : "Comments"
    if (isBesideForm) markForm()
    for (const frame of frames) if (frame.contentDocument?.body) markPreview(frame)
  }

  // From a thread to its place

  const shown = (element) => {
    for (const folded of [element.closest("details")].filter(Boolean)) folded.open = true
    element.closest(".collapsed")?.classList.remove("collapsed")
    element.ownerDocument.querySelector(".comment-shown")?.classList.remove("comment-shown")
    element.classList.add("comment-shown")
    element.scrollIntoView({ block: "center" })
  }
  pane.addEventListener("click", (event) => {
    const link = event.target.closest("[data-thread-place]")
    if (!link) return
    const { block, field } = link.closest("[data-thread]").dataset
    const elements = isBesideForm
      ? [elementInForm(block, field)]
      : frames.map((frame) => elementInPreview(frame.contentDocument, block, field))
    if (!elements.some(Boolean)) return
    event.preventDefault()
    for (const element of elements.filter(Boolean)) shown(element)
  })

  // Selected words

  const floating = make("button", { type: "button", className: "comment-on-words", textContent: "Comment on these words", hidden: true })
  document.body.append(floating)
  let picked = null
  floating.addEventListener("mousedown", (event) => event.preventDefault())
  floating.addEventListener("click", () => {
    floating.hidden = true
    begin(picked.place, picked.quote, null)
  })
  const offer = (found, box) => {
    picked = found?.place && found.quote ? { ...found, quote: shortened(found.quote, LONGEST_QUOTE) } : null
    floating.hidden = !picked
    if (!picked) return
    floating.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - floating.offsetWidth - 8))}px`
    floating.style.top = `${Math.max(8, Math.min(box.bottom + 6, window.innerHeight - floating.offsetHeight - 8))}px`
  }

  const pickInForm = () => {
    const field = document.activeElement
    if (pane.contains(field) || field === floating) return
    if (field?.matches("textarea, input[type=text]") && field.selectionStart !== field.selectionEnd) {
      const quote = inOneLine(field.value.slice(field.selectionStart, field.selectionEnd))
      offer({ place: placeInForm(field), quote }, field.getBoundingClientRect())
      return
    }
    const selection = document.getSelection()
    if (!selection.rangeCount || selection.isCollapsed) return offer(null)
    const range = selection.getRangeAt(0)
    const node = elementOf(range.commonAncestorContainer)
    if (!node.closest("#topic_form .form-row")) return offer(null)
    offer({ place: placeInForm(node), quote: inOneLine(selection.toString()) }, range.getBoundingClientRect())
  }

  const words = (range) => {
    const copy = range.cloneContents()
    for (const apart of copy.querySelectorAll(APART)) apart.remove()
    for (const line of copy.querySelectorAll("p, li, h1, h2, h3, h4, td, th, tr, br, caption, figcaption, div")) line.after(" ")
    return inOneLine(copy.textContent)
  }
  const pickInPreview = (frame) => {
    const selection = frame.contentDocument.getSelection()
    if (!selection.rangeCount || selection.isCollapsed) return offer(null)
    const range = selection.getRangeAt(0).cloneRange()
    const found = placeInPreview(elementOf(range.startContainer))
    if (!found) return offer(null)
    // Words of one block only: what was selected beyond it is left out.
    if (!found.block.contains(range.endContainer)) range.setEndAfter(found.block.lastChild)
    const inside = range.getBoundingClientRect(), around = frame.getBoundingClientRect()
    offer({ place: found.place, quote: words(range) }, { left: around.left + inside.left, bottom: around.top + inside.bottom })
  }

  let timer
  const soon = (pick) => {
    clearTimeout(timer)
    timer = setTimeout(pick, 150)
  }
  const watch = (frame) => {
    const page = frame.contentDocument
    if (!page?.body) return
    page.addEventListener("selectionchange", () => soon(() => pickInPreview(frame)))
    page.addEventListener("scroll", () => { floating.hidden = true })
    page.addEventListener("click", (event) => {
      const element = event.target.closest(".has-comments")
      if (!element || event.target.closest("a, button, summary") || !page.getSelection().isCollapsed) return
      const { place } = placeInPreview(element)
      const thread = threads().find(({ dataset }) => `${dataset.block || "page"}${dataset.field && !dataset.block ? `:${dataset.field}` : ""}` === place)
      if (thread) showThread(thread, null)
    })
    markPreview(frame)
  }
  if (isBesideForm) document.addEventListener("selectionchange", () => soon(pickInForm))
  for (const frame of frames) {
    frame.addEventListener("load", () => watch(frame))
    if (frame.contentDocument?.readyState === "complete" && frame.contentWindow.location.href !== "about:blank") watch(frame)
  }

  // Begin

  const start = () => {
    if (isBesideForm) addButtons()
    mark()
    const named = /^#comment(s|-\d+)$/.test(location.hash) && document.querySelector(location.hash)
    if (named) showThread(named, openers[0])
  }
  // The editors of blocks arrange themselves first.
  if (document.readyState === "complete") start()
  else window.addEventListener("load", start)
}
