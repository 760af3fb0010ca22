import { createNavette as assemble, type Navette, type NavetteParts } from '@navette/domain';
import { createSystem } from './system/index.ts';

export * from '@navette/domain';
export { createSystem } from './system/index.ts';

/**
 * Makes a Navette of its parts, on this machine's own clock unless told otherwise.
 * @throws InvalidCatalogueError
 */
export function createNavette(parts: Omit<NavetteParts, 'system'> & Partial<Pick<NavetteParts, 'system'>>): Navette {
  return assemble({ ...parts, system: parts.system ?? createSystem() });
}
