import { openPostgres } from '@navette/adapters/postgres';
import { openSide } from './navette.mjs';

export { does } from './navette.mjs';

/** The store is the queue. */
export const open = ({ databaseUrl }) => openSide(async () => openPostgres({ connectionString: databaseUrl }));
