// Talks to the browser about passkeys, for forms that hold `data-options`, and for the sign-in page. Without scripts
// another way has to be used, and the page says so.
const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')
const withIds = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }))

/** `PublicKeyCredential.toJSON`, for browsers that lack it. */
function plain(credential) {
  if (credential.toJSON) return credential.toJSON()
  const { response } = credential
  const names = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']
  const parts = names.filter((name) => response[name]).map((name) => [name, text(response[name])])
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: { ...Object.fromEntries(parts), transports: response.getTransports?.() },
    clientExtensionResults: credential.getClientExtensionResults(),
  }
}

const create = ({ user, challenge, excludeCredentials, ...rest }) =>
  navigator.credentials.create({
    publicKey: {
      ...rest,
      challenge: bytes(challenge),
      user: { ...user, id: bytes(user.id) },
      excludeCredentials: withIds(excludeCredentials),
    },
  })

const get = ({ challenge, allowCredentials, ...rest }, more = {}) =>
  navigator.credentials.get({
    publicKey: { ...rest, challenge: bytes(challenge), allowCredentials: withIds(allowCredentials) },
    ...more,
  })

/** Only one question may be open in a browser at a time. */
let question

async function ask(options, more) {
  question?.abort()
  const own = (question = new AbortController())
  const asked = options.pubKeyCredParams ? create(options) : get(options, { ...more, signal: own.signal })
  return JSON.stringify(plain(await asked))
}

/** Says before `place` that nothing came of it, aloud too; nothing is said while a question is open. */
function say(place, text) {
  document.querySelector('[data-passkey-said]')?.remove()
  if (text === '') return
  const said = Object.assign(document.createElement('p'), { className: 'field-error', textContent: text })
  said.setAttribute('role', 'alert')
  said.dataset.passkeySaid = ''
  place.before(said)
}

for (const hint of document.querySelectorAll('[data-needs-script]')) hint.hidden = true

/** The button of a page that asks for a passkey, or makes one. */
for (const button of document.querySelectorAll('[data-options]')) {
  const { form } = button
  form.addEventListener('submit', async (event) => {
    if (event.submitter !== button) return
    event.preventDefault()
    say(button, '')
    try {
      form.querySelector('[data-browser-answer]').value = await ask(JSON.parse(button.dataset.options))
      form.submit()
    } catch (error) {
      if (error.name !== 'AbortError') say(button, button.dataset.stopped)
    }
  })
}

/** The sign-in page: by the button, and among what the browser offers to fill in. */
const offer = document.querySelector('[data-passkey]')
const { _csrf, return_to } = document.querySelector('form').elements

async function newOptions() {
  const body = new URLSearchParams({ _csrf: _csrf.value })
  const reply = await fetch('/login/passkey/options', { method: 'POST', body, redirect: 'error' })
  if (!reply.ok) throw new Error('no answer')
  return reply.json()
}

/** Nothing of what is typed in goes along. */
function send(code) {
  const form = Object.assign(document.createElement('form'), {
    method: 'post',
    action: offer.dataset.passkey,
  })
  for (const [name, value] of Object.entries({ _csrf: _csrf.value, return_to: return_to.value, code }))
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }))
  document.body.append(form)
  form.submit()
}

/** Whether the person has pressed the button: then nothing else may take its place. */
let isPressed = false

/** Asks nothing by itself: the browser names the passkeys that it has when the first field is entered. */
async function offerByBrowser() {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return
  const options = await newOptions()
  if (!isPressed) send(await ask(options, { mediation: 'conditional' }))
}

if (offer && window.PublicKeyCredential) {
  offer.hidden = false
  offer.querySelector('button').addEventListener('click', () => {
    say(offer, '')
    isPressed = true
    const asked = newOptions().then((options) => ask(options))
    asked.then(send).catch((error) => {
      isPressed = false
      if (error.name !== 'AbortError') say(offer, offer.dataset.stopped)
      offerByBrowser().catch(() => undefined)
    })
  })
  offerByBrowser().catch(() => undefined)
}
