// Asks whether the answer on the other device is there, and goes on when it is. Without scripts the button does that.
const FIRST_MS = 1500
const MOST_MS = 15000

const wait = document.querySelector('[data-wait]')
const form = wait.closest('form')
const left = wait.querySelector('[data-wait-left]')
const seconds = new Intl.NumberFormat(document.documentElement.lang, {
  style: 'unit',
  unit: 'second',
  unitDisplay: 'long',
})
const text = left.textContent
const shown = seconds.format(Number(wait.dataset.left))
let endsAt = performance.now() + Number(wait.dataset.left) * 1000
let pause = FIRST_MS

function goOn() {
  clearInterval(ticking)
  wait.querySelector('[data-wait-status]').textContent = wait.dataset.answered
  form.requestSubmit(form.querySelector('[value=verify]'))
}

async function ask() {
  try {
    const body = new URLSearchParams(new FormData(form))
    const reply = await fetch(wait.dataset.wait, { method: 'POST', body, redirect: 'error' })
    if (reply.status !== 200) throw new Error('no answer')
    const { waiting, secondsLeft } = await reply.json()
    if (!waiting) return goOn()
    endsAt = performance.now() + secondsLeft * 1000
    pause = FIRST_MS
  } catch {
    pause = Math.min(pause * 2, MOST_MS)
  }
  setTimeout(ask, pause)
}

const ticking = setInterval(() => {
  const count = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000))
  left.textContent = text.replace(shown, seconds.format(count))
}, 1000)
setTimeout(ask, pause)
