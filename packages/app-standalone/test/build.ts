import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The root of the repository. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Builds the packages. Real processes run what is in `dist`, unlike every other test; where nothing has changed since
 * `npm ci`, turbo finds it all in its cache.
 */
export async function build(): Promise<void> {
  await promisify(execFile)('npm', ['run', 'build'], { cwd: root });
}
