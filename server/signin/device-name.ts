import type { Language } from '../language/language.ts'

/** What a browser says of itself, as far as it is a name that people know; empty where it is none. */
export interface Device {
  browser: string
  system: string
  kind: 'phone' | 'tablet' | 'computer'
}

const KINDS: Readonly<Record<string, Device['kind']>> = { mobile: 'phone', tablet: 'tablet' }

/** Reads a `User-Agent`. The library is loaded when somebody first looks at a device. */
export async function deviceOf(userAgent: string): Promise<Device> {
  if (userAgent === '') return { browser: '', system: '', kind: 'computer' }
  const { default: Bowser } = await import('bowser')
  const { browser, os, platform } = Bowser.parse(userAgent)
  return {
    browser: browser.name ?? '',
    system: os.name ?? '',
    kind: KINDS[platform.type ?? ''] ?? 'computer',
  }
}

/** `Firefox on Linux`, in words. */
export function deviceText({ browser, system }: Device, { t }: Language): string {
  if (browser === '' || system === '') return browser || system || t('account:device.unknown')
  return t('account:device.named', { browser, system })
}
