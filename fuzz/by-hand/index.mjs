// All scenes, by name.
import { breakingOff } from './breaking-off.mjs';
import { framing } from './framing.mjs';
import { heads } from './heads.mjs';

export const scenes = { ...framing, ...breakingOff, ...heads };
