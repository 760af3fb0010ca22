import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { answersFolder } from './record-answer.ts';

const suite = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Fails the run if the OpenAPI document has an answer that no test of this suite was given. It judges only where the
 * whole suite ran: not under a filter.
 */
export class EveryAnswerReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunStart(): void {
    rmSync(answersFolder, { recursive: true, force: true });
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (!this.#vitest || this.#vitest.config.testNamePattern || !isWholeSuite(modules)) return;
    const { declared, missing } = readAnswers();
    this.#vitest.logger.log(
      `OpenAPI: ${declared - missing.length} of ${declared} declared answers were given in a test`,
    );
    if (declared > 0 && missing.length === 0) return;
    for (const answer of missing) this.#vitest.logger.error(`  no test was given ${answer}`);
    process.exitCode = 1;
  }
}

function isWholeSuite(modules: readonly TestModule[]): boolean {
  const ran = new Set(modules.map(({ moduleId }) => moduleId));
  const files = readdirSync(suite, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
  return files.every((file) => ran.has(join(suite, file)));
}

function readAnswers(): { declared: number; missing: string[] } {
  const files = existsSync(answersFolder) ? readdirSync(answersFolder) : [];
  const lines = files.flatMap((file) => readFileSync(join(answersFolder, file), 'utf8').split('\n'));
  const answers = (kind: string) =>
    new Set(lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1)));
  const [declared, produced] = [answers('declared'), answers('produced')];
  return { declared: declared.size, missing: [...declared].filter((answer) => !produced.has(answer)).sort() };
}
