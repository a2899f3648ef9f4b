import type { Emulator } from '../../pipeline/index.ts';
import { createDisposables } from '../../watch/index.ts';
import type { Disposable } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';

/** Changes that come together are told together: ms. */
const TOGETHER = 250;

/**
 * Lets another program steer a run. Each change is a line of JSON, `{snapshot, trouble}`; what is refused, `{refused}`. Lines
 * of standard input are obeyed: `cancel KEY…` and `rollback KEY…`, with numbers of process instances.
 * `onEnd` is called when there will be no more: the other program is gone.
 */
export function controlPipeline(
  emulator: Emulator,
  { io, out }: CommandContext,
  onEnd: () => void,
): Disposable {
  const owned = createDisposables();
  let timer: Disposable | undefined;
  const tell = (): void => {
    timer = undefined;
    out.event({ snapshot: emulator.snapshot(), trouble: emulator.trouble() ?? null });
  };
  tell();
  owned.add(
    emulator.onChange(() => {
      timer ??= io.clock.after(TOGETHER, tell);
    }),
  );
  owned.add(
    io.lines((line) => {
      obey(line, emulator).catch((error: unknown) => {
        out.event({ refused: error instanceof Error ? error.message : String(error) });
      });
    }, onEnd),
  );
  return {
    dispose() {
      owned.dispose();
      timer?.dispose();
      tell();
    },
  };
}

async function obey(line: string, emulator: Emulator): Promise<void> {
  const [word, ...numbers] = line.trim().split(/\s+/u);
  if (numbers.length === 0 || !numbers.every((number) => /^\d{1,16}$/u.test(number))) {
    throw new Error(`${line.slice(0, 100)}: numbers of process instances are needed`);
  }
  const keys = numbers.map(Number);
  if (word === 'cancel') await emulator.cancel(keys);
  else if (word === 'rollback') await emulator.rollBack(keys);
  else throw new Error(`${line.slice(0, 100)}: this is neither cancel nor rollback`);
}
