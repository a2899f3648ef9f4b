import type { Emulator } from '../../pipeline/index.ts';
import { formatTime } from '../../watch/index.ts';
import type { Disposable } from '../../watch/index.ts';
import type { CommandContext } from '../command.ts';
import { placedInstances, processTable, stateText, sumLine } from '../render/pipelineTable.ts';
import { createRedraw } from '../render/redraw.ts';
import { cleanLine } from '../render/style.ts';

/** Changes that come together are shown together: ms. */
const TOGETHER = 100;

/** Shows a table that keeps itself true until it is disposed; where there is no terminal, one line for each change. */
export function showPipeline(emulator: Emulator, context: CommandContext): Disposable {
  const { io, out } = context;
  if (out.json) return { dispose: () => undefined };
  const view = out.isTTY ? tableView(emulator, context) : changeView(emulator, context);
  view.draw();
  let timer: Disposable | undefined;
  const listening = emulator.onChange(() => {
    timer ??= io.clock.after(TOGETHER, () => {
      timer = undefined;
      view.draw();
    });
  });
  return {
    dispose() {
      listening.dispose();
      timer?.dispose();
      view.draw();
      view.end();
    },
  };
}

interface View {
  draw(): void;
  end(): void;
}

/** Draws the table over the one before; it makes room for what is shown at the end. */
function tableView(emulator: Emulator, { out }: CommandContext): View {
  const redraw = createRedraw(out.raw, out.width);
  return {
    draw() {
      const snapshot = emulator.snapshot();
      const table = processTable(snapshot, { style: out.style, width: out.width });
      const most = Math.max((out.height ?? Infinity) - 4, 3);
      const hidden = table.length - most;
      redraw.draw([
        ...table.slice(0, most),
        ...(hidden > 0 ? [out.style.dim(`and ${hidden} more`)] : []),
        sumLine(snapshot, out.style),
        cleanLine(emulator.trouble() ?? ''),
      ]);
    },
    end: () => redraw.clear(),
  };
}

/** One line for each process instance that is not as it was. */
function changeView(emulator: Emulator, { io, out }: CommandContext): View {
  const known = new Map<number, string>();
  let trouble = '';
  return {
    draw() {
      const time = formatTime(io.clock.now()).slice(11, 19);
      for (const { key, name, stream, state, jobId, message } of placedInstances(
        emulator.snapshot().streams,
      )) {
        if (known.get(key) === state) continue;
        known.set(key, state);
        if (state === 'WAITING') continue;
        const { text } = stateText(state, out.style);
        const more = [jobId ?? '', state === 'RUNNING' ? '' : (message ?? '')].filter((word) => word !== '');
        out.line(cleanLine([time, text.padEnd(12), `${name} ${stream}`, ...more].join('  ')));
      }
      const now = emulator.trouble() ?? '';
      if (now !== '' && now !== trouble) out.note(cleanLine(now));
      trouble = now;
    },
    end: () => undefined,
  };
}
