// Narrows a list down while people type. Without scripts the form asks the server.
for (const input of document.querySelectorAll('[data-search]')) {
  const entries = [...document.querySelectorAll(input.dataset.search)]
  const plain = (text) => text.normalize('NFKC').toLowerCase()
  input.addEventListener('input', () => {
    const wanted = plain(input.value.trim())
    for (const entry of entries) entry.hidden = !plain(entry.textContent).includes(wanted)
  })
}
