import { describe, expect, test } from 'vitest'
import { styleFaults } from '../../server/branding/custom-css.ts'

const faults = async (css: string) =>
  (await styleFaults(css)).map(({ line, message }) => `${line}: ${message}`)

describe('the CSS of a brand', () => {
  test.each([
    '.button { border-radius: 0; text-transform: uppercase; background: linear-gradient(#111, var(--brand)) }',
    '.card h1, .card .lead:first-child { font: 600 2rem/1.1 Georgia, serif; letter-spacing: -0.01em }',
    '@media (prefers-color-scheme: dark) { .panel { background-color: #000 } }',
    '@media (min-width: 62rem) { .card { max-width: 30rem; padding: 3rem } }',
    '',
  ])('may dress the parts of a page: %s', async (css) => expect(await faults(css)).toEqual([]))

  const REFUSED: [css: string, fault: string][] = [
    ['\n\n.card { position: fixed }', '3: position may not be set'],
    ['.button { transform: translateY(-40px) }', '1: transform may not be set'],
    ['.card { margin-top: -400px }', '1: margin-top may not be set'],
    ['.foot { display: none }', '1: display may not be set'],
    ['.box { opacity: 0 }', '1: opacity may not be set'],
    ['.lead { font-size: 1rem; --page: red }', '1: --page may not be set'],
    ['.panel { background: url(https://evil.test/x) }', '1: url() is not allowed'],
    ['.panel { background: url("/logout") }', '1: url() is not allowed'],
    ['.panel { background: image-set("x.png" 1x) }', '1: image-set() is not allowed'],
    ['.slogan::before { content: "Call 555" }', '1: content may not be set'],
    ['@import "https://evil.test/x.css";', '1: @import is not allowed'],
    ['@font-face { font-family: x; src: url(x) }', '1: @font-face is not allowed'],
    ['@media (forced-colors: active) { a { color: red } }', '1: @media may ask for'],
    ['input[name=password][value^=a] { color: red }', '1: [name=password] may not be selected'],
    ['* { color: red }', '1: * is no part'],
    ['#summary { color: red }', '1: #summary may not be selected'],
    ['body:has(input) { color: red }', '1: :has is no part'],
    ['.unseen { color: red }', '1: .unseen is no part'],
    ['.box { color: transparent }', '1: text may not be transparent'],
    ['.card { color: r\\65 d; behavior: url(x.htc) }', '1: behavior may not be set'],
    ['a { color: red; </style><script>alert(1)</script> }', '1: '],
  ]
  test.each(REFUSED)('may not do more: %j', async (css, fault) => {
    expect((await faults(css)).join('\n')).toContain(fault)
  })

  test('is told everything that is wrong with it at once, line by line', async () => {
    const found = await faults('.a { top: 0 }\n.card { left: 0 }\n')
    expect(found.map((text) => text.slice(0, 2))).toEqual(['1:', '1:', '2:'])
  })
})
