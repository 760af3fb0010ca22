import { describe, expect, it } from 'vitest';
import { createManualSystem } from '../memory/manual-system.ts';
import { createFetchGate } from './fetch-gate.ts';

function openGate() {
  const system = createManualSystem();
  const seen: string[] = [];
  const lease = { live: true };
  const gate = createFetchGate({
    system,
    mayOpen: () => lease.live,
    onHeld: () => seen.push('held'),
    onOpened: () => seen.push('opened'),
  });
  return { system, seen, gate, lease };
}

describe('a fetch gate', () => {
  it('opens by itself a second after it was held, however often it was', async () => {
    const { system, seen, gate } = openGate();
    expect(gate.held).toBe(false);
    gate.hold();
    await system.advance(600);
    gate.hold();
    expect({ held: gate.held, seen }).toEqual({ held: true, seen: ['held'] });
    await system.advance(400);
    expect({ held: gate.held, seen }).toEqual({ held: false, seen: ['held', 'opened'] });
    gate.hold();
    await system.advance(1_000);
    expect(seen).toEqual(['held', 'opened', 'held', 'opened']);
  });

  it('stays held while it may not open', async () => {
    const { system, seen, gate, lease } = openGate();
    lease.live = false;
    gate.hold();
    await system.advance(60_000);
    expect(seen).toEqual(['held']);
    lease.live = true;
    await system.advance(1_000);
    expect(seen).toEqual(['held', 'opened']);
  });

  it('never opens once it is closed', async () => {
    for (const before of ['open', 'held']) {
      const { system, seen, gate } = openGate();
      if (before === 'held') gate.hold();
      gate.close();
      gate.close();
      gate.hold();
      await system.advance(60_000);
      expect({ held: gate.held, seen }).toEqual({ held: true, seen: ['held'] });
    }
  });
});
