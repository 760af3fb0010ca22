// What can be asked of a run.
import { parseArgs } from 'node:util';

const usage = (sections) => `npm run bench -- [SECTION …] [options]

Measures Navette beside its peers, on PostgreSQL as it is at hand and a Redis of its own, side by side and interleaved.

${sections.map(({ name, about }) => `  ${name.padEnd(14)} ${about}`).join('\n')}

  --only NAMES    only these sides, comma-separated: navette-store,bullmq; or a part of their names
  --rounds N      how often what matters most is measured (default 3)
  --quick         every section with tiny counts, once: a smoke, not a measurement
  --json FILE     where the samples go (default bench/results/<time>.json)
  --docs          write the tables into docs/benchmarks.md and the plots into docs/benchmarks/
  --from FILE     measure nothing: print (and with --docs write) what such a file holds

PostgreSQL: BENCH_DATABASE_URL (default postgres://postgres@127.0.0.1:5432/test); it has to be durable.
Redis: redis-server on the path; a private one is started with AOF every second.
`;

/** Reads the command line; prints what is wrong with it, or the help, and ends the process. */
export function readCommandLine(sections) {
  const { flags, positionals } = parse(sections);
  if (flags.help) {
    process.stdout.write(usage(sections));
    process.exit(0);
  }
  const unknown = positionals.filter((name) => !sections.some((section) => section.name === name));
  const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
  if (unknown.length > 0) refuse(sections, `there is no section ${unknown.join(', ')}`);
  if (!Number.isInteger(rounds) || rounds < 1) refuse(sections, '--rounds is a number from 1');
  return {
    ...flags,
    rounds,
    sections: sections.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
    sidesOf: ({ sides, quickSides = sides }) =>
      flags.only || !flags.quick ? chooseSides(sides, flags.only?.split(',')) : quickSides,
  };
}

function parse(sections) {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        docs: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        only: { type: 'string' },
        json: { type: 'string' },
        from: { type: 'string' },
      },
    });
    return { flags: values, positionals };
  } catch (error) {
    return refuse(sections, error.message);
  }
}

function refuse(sections, problem) {
  process.stderr.write(`${problem}\n\n${usage(sections)}`);
  process.exit(2);
}

/** A name stands for the side of that name; if there is none, for all that contain it. */
function chooseSides(sides, names) {
  if (!names) return sides;
  return sides.filter((side) => names.some((name) => (sides.includes(name) ? side === name : side.includes(name))));
}
