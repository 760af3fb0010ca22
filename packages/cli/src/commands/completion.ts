import { Argument, type Command } from 'commander';
import type { Cli } from '../cli.ts';
import { completionScript, type Shell, shells } from '../completion-script.ts';
import { completionTree } from '../completion-tree.ts';
import { write } from '../terminal.ts';

const more = `
Examples:
  $ source <(navette completion bash)                                     # in ~/.bashrc
  $ source <(navette completion zsh)                                      # in ~/.zshrc, after compinit
  $ navette completion fish > ~/.config/fish/completions/navette.fish
`;

/** Adds `completion`. */
export function addCompletion(program: Command, cli: Cli): void {
  program
    .command('completion')
    .summary('print a script that completes this command in a shell')
    .description('Print the script that teaches a shell to complete this command.')
    .addArgument(new Argument('<shell>').choices(shells))
    .addHelpText('after', more)
    .action((shell: Shell) => write(cli.terminal.stdout, completionScript(shell, completionTree(program))));
}
