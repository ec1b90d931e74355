// Shows a sign-in that waits as soon as it is there, and lets a person have this browser notify them. Without scripts
// the page is loaded again by hand, and nothing notifies.
const EVERY_MS = 3000
const MOST_MS = 60000
const { seen } = document.currentScript.dataset
let pause = EVERY_MS

async function look() {
  if (!document.hidden) {
    try {
      const reply = await fetch('/approve/waiting', { redirect: 'error' })
      if (reply.status !== 200) throw new Error('no answer')
      const { request } = await reply.json()
      if (request !== seen && !document.querySelector('input:not([type=hidden])')?.value)
        return location.assign('/approve')
      pause = EVERY_MS
    } catch {
      pause = Math.min(pause * 2, MOST_MS)
    }
  }
  setTimeout(look, pause)
}
setTimeout(look, pause)

const knock = document.querySelector('[data-knock]')
if (knock && 'serviceWorker' in navigator && 'PushManager' in window) {
  knock.hidden = false
  knock.querySelector('[data-knock-start]')?.addEventListener('click', () => {
    subscribe().catch(() => (knock.querySelector('[role=status]').textContent = knock.dataset.blocked))
  })
}

/** Asks the browser for leave, only ever on a click, and tells the server how to reach it. */
async function subscribe() {
  if ((await Notification.requestPermission()) !== 'granted') throw new Error('not allowed')
  const registration = await navigator.serviceWorker.register('/approve/worker.js', { scope: '/approve' })
  const options = { userVisibleOnly: true, applicationServerKey: knock.dataset.knock }
  const { endpoint, keys } = (await registration.pushManager.subscribe(options)).toJSON()
  for (const [name, value] of Object.entries({ endpoint, ...keys })) knock.elements[name].value = value
  knock.submit()
}
