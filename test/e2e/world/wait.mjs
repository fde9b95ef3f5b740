// Waiting for conditions, never for time alone.
import { setTimeout as pause } from 'node:timers/promises';

// Resolves with the first truthy value of `check`; throws what `complaint` says after `bound` ms.
export async function until(check, bound = 8_000, complaint = () => `not in time: ${check}`) {
  const end = Date.now() + bound;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(complaint());
    await pause(10);
  }
}

// For "nothing more comes": the only place where a test waits for time to pass.
export const quiet = milliseconds => pause(milliseconds);
