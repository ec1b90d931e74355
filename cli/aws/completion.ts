/** Scripts by which shells complete `doorward aws …`, made from the commands themselves. */
import type { Command } from 'commander'
import type { Shell } from './shells.ts'

interface Known {
  name: string
  about: string
  options: string[]
}

const knownOf = (aws: Command): Known[] =>
  aws.commands.map((command) => ({
    name: command.name(),
    about: command.description().replaceAll(/['"$`:\\[\]]/g, ''),
    options: command.options.map(({ long }) => long ?? '').filter((long) => long !== ''),
  }))

const ROLES = 'doorward aws completion --roles 2>/dev/null'

const bash = (known: readonly Known[]): string => `_doorward() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=
  if [ "$COMP_CWORD" -eq 1 ]; then words=aws
  elif [ "\${COMP_WORDS[1]}" = aws ] && [ "$COMP_CWORD" -eq 2 ]; then words='${known.map(({ name }) => name).join(' ')}'
  elif [ "\${COMP_WORDS[1]}" = aws ] && [ "$before" = --role ]; then words=$(${ROLES})
  elif [ "\${COMP_WORDS[1]}" = aws ]; then
    case "\${COMP_WORDS[2]}" in
${known.map(({ name, options }) => `      ${name}) words='${options.join(' ')}' ;;`).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _doorward doorward`

const zsh = (known: readonly Known[]): string => `#compdef doorward
_doorward() {
  local -a commands roles
  commands=(
${known.map(({ name, about }) => `    '${name}:${about}'`).join('\n')}
  )
  if (( CURRENT == 2 )); then compadd aws
  elif [[ $words[2] != aws ]]; then _files
  elif (( CURRENT == 3 )); then _describe command commands
  elif [[ $words[CURRENT-1] == --role ]]; then
    roles=(\${(f)"$(${ROLES})"})
    compadd -a roles
  else
    case $words[3] in
${known.map(({ name, options }) => `      ${name}) compadd -- ${options.join(' ')} ;;`).join('\n')}
    esac
  fi
}
if [ "$funcstack[1]" = _doorward ]; then _doorward "$@"; else compdef _doorward doorward; fi`

const fish = (known: readonly Known[]): string =>
  [
    'complete -c doorward -n __fish_use_subcommand -f -a aws -d "AWS credentials"',
    ...known.map(
      ({ name, about }) =>
        `complete -c doorward -n '__fish_seen_subcommand_from aws; and not __fish_seen_subcommand_from ${known.map((one) => one.name).join(' ')}' -f -a ${name} -d '${about}'`,
    ),
    ...known.flatMap(({ name, options }) =>
      options.map((option) => {
        const values = option === '--role' ? ` -x -a '(${ROLES})'` : ''
        return `complete -c doorward -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}${values}`
      }),
    ),
  ].join('\n')

const powershell = (
  known: readonly Known[],
): string => `Register-ArgumentCompleter -Native -CommandName doorward -ScriptBlock {
  param($word, $ast, $at)
  $words = @($ast.CommandElements | ForEach-Object { $_.ToString() })
  if ($word -ne '') { $words = @($words | Select-Object -SkipLast 1) }
  $options = @{
${known.map(({ name, options }) => `    '${name}' = '${options.join(' ')}'`).join('\n')}
  }
  $offer = if ($words.Count -eq 1) { 'aws' }
    elseif ($words[1] -ne 'aws') { @() }
    elseif ($words.Count -eq 2) { $options.Keys }
    elseif ($words[-1] -eq '--role') { doorward aws completion --roles }
    else { $options[$words[2]] -split ' ' }
  $offer | Where-Object { $_ -like "$word*" } | Sort-Object | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}`

const SCRIPTS: Record<Shell, (known: readonly Known[]) => string> = { bash, zsh, fish, powershell }

/** The script of a shell. */
export const completionScript = (shell: Shell, aws: Command): string => SCRIPTS[shell](knownOf(aws))
