// Asks the browser for a passkey and sends what it answers with the form: to log in, to confirm, or to add one.
// data-passkey: "log in" (the options are fetched), "confirm" or "add" (they stand in the element data-options).
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0))
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "")
const described = (list) => (list ?? []).map((key) => ({ ...key, id: toBytes(key.id) }))

async function options(form) {
  if (form.dataset.options) return JSON.parse(document.getElementById(form.dataset.options).textContent)
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } })
  if (!answer.ok) throw new Error(`The site answered ${answer.status}.`)
  return answer.json()
}

async function create(publicKey, alone) {
  return navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: described(publicKey.excludeCredentials),
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        residentKey: alone ? "required" : "discouraged",
        requireResidentKey: alone,
        ...(alone && { userVerification: "required" }),
      },
    },
  })
}

async function get(publicKey) {
  return navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      allowCredentials: described(publicKey.allowCredentials),
    },
  })
}

function written(credential) {
  const response = { clientDataJSON: toText(credential.response.clientDataJSON) }
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name])
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports()
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
  })
}

function reason(error) {
  if (error.name === "NotAllowedError") return "Nothing happened: it was called off, or it took too long."
  if (error.name === "InvalidStateError") return "This device has a passkey for your account already."
  if (error.name === "SecurityError") return "Passkeys work under the name of the site only, not under a number."
  return "The passkey could not be read. Please try again."
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) {
    form.insertAdjacentText("beforebegin", form.dataset.passkey === "log in" ? "" : "This browser knows no passkeys.")
    continue
  }
  form.hidden = false
  const error = form.querySelector("[data-passkey-error]")
  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    error.textContent = ""
    try {
      const asked = await options(form)
      const credential =
        form.dataset.passkey === "add"
          ? await create(asked.creation_options.publicKey, form.elements.passwordless.checked)
          : await get(asked.request_options.publicKey)
      form.elements.credential.value = written(credential)
      form.submit()
    } catch (exception) {
      error.textContent = reason(exception)
    }
  })
}
