// Shows that there is something to look at, and says nothing of it.
self.addEventListener('push', (event) => {
  const text = event.data?.text() || 'Open Doorward'
  event.waitUntil(self.registration.showNotification(text, { tag: 'approve', requireInteraction: true }))
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(self.clients.openWindow('/approve'))
})
