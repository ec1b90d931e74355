// Builds the program into `dist/` as few files: Node takes about a millisecond to find and load one, and there are a thousand.
// `--fresh` throws away what earlier builds have left there.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))
const dir = join(root, 'dist')
if (process.argv.includes('--fresh')) rmSync(dir, { recursive: true, force: true })

await build({
  cwd: root,
  input: { doorward: 'cli/main.ts', aws: 'cli/aws/main.ts', 'aws-cached': 'cli/aws/fast.ts' },
  platform: 'node',
  external: [/^@node-rs\//, /^@photostructure\//], // they bring machine code that lies beside them
  plugins: [{ name: 'doorward', resolveId: leaveWhatIsOnDemand, generateBundle: leaveWhatIsThere }],
  logLevel: 'warn',
  output: {
    dir,
    sourcemap: true,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  },
})

/** A library that we load only when it is needed stays where npm has put it: no start waits for it. */
function leaveWhatIsOnDemand(id, importer = '', { kind }) {
  const ours = !importer.slice(root.length).includes('node_modules')
  return ours && kind === 'dynamic-import' && !id.startsWith('.') ? { id, external: true } : undefined
}

/** A program that is running finds the parts that it has yet to load as they were: what is new has a new name. */
function leaveWhatIsThere(_options, bundle) {
  for (const [name, file] of Object.entries(bundle)) {
    if (isOnDisk(join(dir, name), file.type === 'chunk' ? file.code : file.source)) delete bundle[name]
  }
}

function isOnDisk(path, content) {
  try {
    return readFileSync(path, 'utf8') === String(content)
  } catch {
    return false
  }
}
