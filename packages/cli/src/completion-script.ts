import type { CompletionNode } from './completion-tree.ts';

/** The shells that can be completed in. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/** Such a shell. */
export type Shell = (typeof shells)[number];

/** The script that teaches a shell to complete the command. */
export function completionScript(shell: Shell, tree: readonly CompletionNode[]): string {
  if (shell === 'fish') return fishScript(tree);
  // zsh runs bash's own.
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${bashScript(tree)}` : bashScript(tree);
}

function bashScript(tree: readonly CompletionNode[]): string {
  const paths = tree.filter(({ path }) => path.length > 0).map(({ path }) => `'${path.join(' ')}'`);
  const wordCases = tree.map(({ path, commands, options }) => {
    const words = [...commands.map(({ name }) => name), ...options.flatMap(({ flags }) => flags)];
    return `    '${path.join(' ')}') words='${words.join(' ')}' ;;`;
  });
  const valueCases = tree.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .flatMap(({ flags, choices }) =>
        flags.map((flag) => `    '${[...path, flag].join(' ')}') words='${choices.join(' ')}' ;;`),
      ),
  );
  return `_navette() {
  local word words path='' current="\${COMP_WORDS[COMP_CWORD]}" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${path:+$path }\${COMP_WORDS[i]}"
    case "$word" in
    ${paths.join(' | ')}) path="$word" ;;
    esac
  done
  case "\${path:+$path }\${COMP_WORDS[COMP_CWORD - 1]}" in
${valueCases.join('\n')}
    *)
      case "$path" in
${wordCases.map((line) => `  ${line}`).join('\n')}
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _navette navette
`;
}

function fishScript(tree: readonly CompletionNode[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = tree.flatMap(({ path, commands, options }) => {
    const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
    const none =
      commands.length > 0 ? [`not __fish_seen_subcommand_from ${commands.map(({ name }) => name).join(' ')}`] : [];
    const line = (condition: readonly string[], what: string, summary: string) =>
      `complete -c navette -n ${quote(condition.join('; and ') || 'true')} ${what} -d ${quote(summary)}`;
    return [
      ...commands.map(({ name, summary }) => line([...seen, ...none], `-f -a ${name}`, summary)),
      ...options.map(({ flags, summary, takesValue, choices }) => {
        const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
        const values = choices.length > 0 ? `-x -a ${quote(choices.join(' '))}` : takesValue ? '-r' : '';
        return line(
          [...seen, ...(path.length === 0 ? none : [])],
          [...names, values].filter(Boolean).join(' '),
          summary,
        );
      }),
    ];
  });
  return `${lines.join('\n')}\n`;
}
