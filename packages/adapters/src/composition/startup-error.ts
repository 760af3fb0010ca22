/** The process cannot start, and waiting would not change that: one readable line per problem, exit code 2. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[], options?: { cause?: unknown }) {
    super(problems.join('; '), options);
    this.problems = problems;
  }
}
