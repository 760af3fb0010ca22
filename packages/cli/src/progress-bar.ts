import { MultiBar, type SingleBar } from 'cli-progress';
import type { Cli } from './cli.ts';

/** How far something is. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** A live line on a terminal. */
export interface ProgressBar {
  /** Shows how far it is, if that is known, and a word about it. */
  show(progress: Progress | undefined, note: string): void;
  /** Writes a line above it. */
  log(line: string): void;
  /** Takes it away. */
  stop(): void;
}

const width = 30;

/** Makes a live line, or `undefined` where nobody sees one. */
export function createProgressBar({ terminal: { stderr }, json }: Cli): ProgressBar | undefined {
  if (!stderr.isTTY || json) return undefined;
  const bars = new MultiBar({
    stream: stderr as NodeJS.WriteStream,
    format: (_options, { progress }, { known, note }) => (known ? `${drawn(progress)} ${note}` : note),
    hideCursor: true,
    clearOnComplete: true,
    // Signals are handled in one place, for all commands.
    gracefulExit: false,
  });
  let bar: SingleBar | undefined;
  return {
    show: (progress, note) => {
      const { done, total } = progress ?? { done: 0, total: 1 };
      bar ??= bars.create(total, done, {});
      bar.setTotal(total);
      bar.update(done, { known: progress !== undefined, note });
    },
    log: (line) => {
      bar ??= bars.create(1, 0, { known: false, note: '' });
      bars.log(`${line}\n`);
    },
    stop: () => {
      if (!bar) return;
      // Lines that are logged and not written yet would go with it.
      bars.update();
      bars.stop();
    },
  };
}

function drawn(progress: number): string {
  const full = Math.round(Math.min(progress, 1) * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${Math.floor(progress * 100)}%`;
}
