import type { Command, Option } from 'commander';

/** One command, as a shell completes it. */
export interface CompletionNode {
  /** The words that lead to it, without the name of the program. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly {
    readonly flags: readonly string[];
    readonly summary: string;
    readonly takesValue: boolean;
    readonly choices: readonly string[];
  }[];
}

/** The program and all its commands, the program first. */
export function completionTree(program: Command): CompletionNode[] {
  return nodes(program, [], program.options);
}

function nodes(command: Command, path: readonly string[], global: readonly Option[]): CompletionNode[] {
  const visible = command.commands.filter((each) => each.name() !== 'help');
  const options = [...new Set([...command.options, ...global])].map((option) => ({
    flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
    summary: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
  }));
  const help = { flags: ['-h', '--help'], summary: 'print help', takesValue: false, choices: [] };
  return [
    {
      path,
      commands: visible.map((each) => ({ name: each.name(), summary: each.summary() || each.description() })),
      options: [...options, help],
    },
    ...visible.flatMap((each) => nodes(each, [...path, each.name()], global)),
  ];
}
