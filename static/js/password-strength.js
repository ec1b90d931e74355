// Says how hard a password would be to guess while it is typed. A hint only: the server decides. Without scripts it stays hidden.
const WEAK = 40
const FAIR = 52
const GOOD = 70

/** 0 too short, 1 weak, 2 fair, 3 good, 4 strong. */
function levelOf(password, minLength) {
  const signs = [...password.toLowerCase()]
  if (signs.length < minLength) return 0
  // What repeats the sign before it, or is its neighbour, is no surprise.
  const surprises = signs.filter(
    (sign, i) => i === 0 || Math.abs(sign.codePointAt(0) - signs[i - 1].codePointAt(0)) > 1,
  ).length
  const kinds = [/\p{L}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length
  const bits = Math.min(surprises, new Set(signs).size * 1.5) * (3 + kinds / 2)
  return bits < WEAK ? 1 : bits < FAIR ? 2 : bits < GOOD ? 3 : 4
}

for (const meter of document.querySelectorAll('[data-strength]')) {
  const input = document.getElementById(meter.dataset.strength)
  const words = meter.dataset.words.split('|')
  const text = meter.querySelector('[data-strength-text]')
  const show = () => {
    const level = levelOf(input.value, Number(meter.dataset.min))
    meter.hidden = input.value === ''
    meter.dataset.level = String(level)
    if (text.textContent !== words[level]) text.textContent = words[level]
  }
  input.addEventListener('input', show)
  show()
}
