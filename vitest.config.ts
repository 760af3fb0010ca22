import { defineConfig } from 'vitest/config';
import { EveryAnswerReporter } from './packages/app-api/test/answers/every-answer-reporter.ts';

// Tests run on the sources: the private `@navette/source` export condition replaces `dist` everywhere.
const conditions = ['@navette/source', 'module', 'node', 'development|production'];

const all = ['packages/*/{src,test}/**/*.test.ts', 'examples/**/*.test.ts'];
/** Each of these holds embedded databases of half a gigabyte, in this process and in others: one file at a time. */
const embedded = [
  'packages/adapters/test/{pglite,postgres-on-pglite}/**/*.test.ts',
  'packages/app-standalone/test/**/*.test.ts',
  'examples/transactional-submit/*.test.ts',
];
const built = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', new EveryAnswerReporter(), ['json', { outputFile: 'coverage/test-report.json' }]],
    projects: [
      {
        extends: true,
        test: {
          name: 'lean',
          include: all,
          exclude: [...built, ...embedded],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'embedded', include: embedded, exclude: built, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
