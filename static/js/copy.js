// Copies what a person would otherwise have to mark. Without scripts the buttons stay hidden.
for (const button of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) break
  button.hidden = false
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent)
    button.querySelector('span').textContent = button.dataset.done
  })
}
