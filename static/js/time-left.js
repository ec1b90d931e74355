// Warns before the time for a page is over. The text stands in a live region, so it is also said aloud.
for (const notice of document.querySelectorAll('[data-warn-after]')) {
  const warn = () => {
    notice.textContent = notice.dataset.warning
    notice.parentElement.classList.add('time-short')
  }
  setTimeout(warn, Number(notice.dataset.warnAfter) * 1000)
}
