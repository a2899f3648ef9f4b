import type {
  HostMessage,
  LogName,
  LogState,
  PageState,
  Place,
  TellingLine,
} from '../../src/editor/panel/messages.ts';
import { button, checkbox, dropdown, progressRing } from '../controls.ts';
import { h, icon } from '../dom.ts';
import type { Host } from '../host.ts';
import { LogFind } from './logFind.ts';
import { LogList, LONGEST_ROW } from './logList.ts';
import { LogReader } from './logReader.ts';
import { sizeText } from './sizeText.ts';

const FILES: readonly LogName[] = ['payload.stdout', 'payload.stderr', 'pilotlog.txt'];
/** The scroll position is kept when scrolling rests, milliseconds. */
const KEEP_REST = 300;

/** The log of a job: choice of file, following, wrapping, search, and the lines. */
export class LogTab {
  readonly element: HTMLElement;
  readonly #host: Host;
  readonly #reader: LogReader;
  readonly #list: LogList;
  readonly #find: LogFind;
  readonly #files;
  readonly #follow;
  readonly #wrap;
  readonly #copy = button(
    { label: 'Copy selection, or all loaded lines', icon: 'copy', iconOnly: true },
    () => this.#copyText(),
  );
  readonly #firstError = button({ label: 'First error', icon: 'error' }, () => this.#goToFirstError());
  readonly #above = h('div', { class: 'edge above' });
  readonly #below = h('div', { class: 'edge below' });
  readonly #cover = h('div', { class: 'cover', role: 'status' });
  readonly #note = h('span', { class: 'log-note', role: 'status' });
  #timer = 0;
  /** The file in view was picked by hand. */
  #chosen = false;
  #telling: TellingLine | null = null;
  #stopFirstError: () => void = () => undefined;

  constructor(host: Host) {
    this.#host = host;
    this.#reader = new LogReader(
      (...asked) => host.read(...asked),
      LONGEST_ROW,
      (change) => {
        this.#list.apply(change);
        this.#show();
      },
    );
    this.#list = new LogList(this.#reader.window, {
      onEdge: (edge) => void (edge === 'start' ? this.#reader.earlier() : this.#reader.later()),
      onScroll: () => this.#keepSoon(),
    });
    this.#find = new LogFind(host, {
      onHit: (hit) => this.goTo(hit.offset, hit.line),
      onMark: (expression) => this.#list.mark(expression),
      onQuery: (find) => host.keep({ find }),
      where: () => this.#list.topPlace.offset,
      leave: () => this.#list.element.focus(),
    });
    this.#files = dropdown('Log file', FILES, (name) => {
      this.#chosen = true;
      this.choose(FILES.find((file) => file === name) ?? 'payload.stdout', null);
    });
    this.#follow = checkbox('Follow', 'Keep the end in view while the log grows', (follow) =>
      this.#setFollow(follow, true),
    );
    this.#wrap = checkbox('Wrap', 'Break long lines', (wrap) => this.#setWrap(wrap));
    this.element = this.#layOut();
  }

  /** Begins with what was in view before the page went away. */
  restore(kept: Partial<PageState>): void {
    this.#follow.set(kept.follow ?? true);
    this.#wrap.set(kept.wrap ?? false);
    this.#list.follow = kept.follow ?? true;
    this.#list.wrap = kept.wrap ?? false;
    if (kept.find !== undefined) this.#find.restore(kept.find);
    this.choose(kept.file ?? 'payload.stdout', kept.top ?? null);
  }

  get file(): LogName {
    return this.#reader.file;
  }

  /** Shows a file from a line of it, or its end. */
  choose(file: LogName, startAt: Place | null): void {
    this.#stopFirstError();
    this.#find.leaveFile();
    this.#list.setCurrent(null);
    this.#files.set(file);
    this.#note.textContent = '';
    this.#list.element.setAttribute('aria-label', file);
    this.#reader.open(file, startAt);
    this.#host.keep({ file, top: startAt });
    this.#host.send({ type: 'watchLog', file });
  }

  /** Shows one line of the file in view. */
  goTo(offset: number, line: number | null): void {
    this.#setFollow(false, false);
    this.#list.setCurrent(offset);
    void this.#reader.goTo({ offset, line });
  }

  /** The line that tells why the job failed, once known. */
  setTelling(line: TellingLine | null): void {
    this.#telling = line;
    this.#leaveEmptyFile();
  }

  /** Where the file in view holds nothing and another one tells why the job failed, that one is shown. */
  #leaveEmptyFile(): void {
    const { state } = this.#reader;
    if (this.#chosen || this.#telling === null || this.#telling.file === this.file) return;
    if (state.kind === 'ready' && state.size === 0 && !state.growing) this.choose(this.#telling.file, null);
  }

  /** Shows one line of any file. */
  reveal({ file, offset, line }: TellingLine): void {
    if (file === this.file) {
      this.goTo(offset, line);
    } else {
      this.choose(file, { offset, line });
      this.#list.setCurrent(offset);
    }
  }

  take({ file, state }: Extract<HostMessage, { type: 'log' }>): void {
    if (file !== this.file) return;
    const first = this.#reader.state.kind !== 'ready' && state.kind === 'ready';
    this.#reader.setState(state, this.#list.sticks);
    if (first) this.#find.search(file);
    this.#leaveEmptyFile();
  }

  focusFind(): void {
    this.#find.focus();
  }

  stepFind(by: 1 | -1): void {
    this.#find.step(by);
  }

  #layOut(): HTMLElement {
    const bar = h(
      'div',
      { class: 'log-bar', role: 'toolbar', 'aria-label': 'Log' },
      this.#files.element,
      this.#follow.element,
      this.#wrap.element,
      this.#firstError.element,
      this.#copy.element,
      this.#note,
      this.#find.element,
    );
    const body = h('div', { class: 'log-body' }, this.#above, this.#list.element, this.#below, this.#cover);
    return h('div', { class: 'log' }, bar, body);
  }

  #setFollow(follow: boolean, goToEnd: boolean): void {
    this.#follow.set(follow);
    this.#list.follow = follow;
    this.#host.keep({ follow });
    if (follow && goToEnd) void this.#reader.goToEnd();
  }

  #setWrap(wrap: boolean): void {
    this.#list.wrap = wrap;
    this.#host.keep({ wrap });
  }

  #keepSoon(): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      const atEnd = this.#list.atEnd && this.#reader.holdsEnd;
      this.#host.keep({ top: atEnd ? null : this.#list.topPlace });
    }, KEEP_REST);
    this.#show();
  }

  #goToFirstError(): void {
    this.#stopFirstError();
    this.#note.textContent = 'Looking for the first error';
    this.#stopFirstError = this.#host.search(this.file, 'firstError', (hits) => {
      const [hit] = hits.hits;
      if (hit !== undefined) {
        this.#note.textContent = '';
        this.goTo(hit.offset, hit.line);
      } else if (hits.done) {
        this.#note.textContent = hits.problem ?? 'No line looks like an error';
      }
    });
  }

  #copyText(): void {
    const selected = this.#list.selection();
    const text = selected === '' ? this.#list.allText() : selected;
    if (text !== '') this.#host.send({ type: 'copy', text });
  }

  /** What stands above, below and over the lines. */
  #show(): void {
    const { state, loaded, reading, problem, size, window: lines } = this.#reader;
    const words = loaded && size > 0 ? null : emptyWords(state, loaded, problem);
    this.#cover.hidden = words === null;
    if (words !== null && this.#cover.textContent !== words.text + words.more) {
      this.#cover.replaceChildren(
        words.busy ? progressRing(words.text) : icon(words.glyph),
        h('p', {}, words.text),
        h('p', { class: 'quiet' }, words.more),
      );
    }
    const some = loaded && size > 0;
    this.#firstError.enable(some);
    this.#copy.enable(some);
    const before = some ? lines.from : 0;
    const after = some ? size - lines.to : 0;
    this.#edge(this.#above, before, 'earlier', reading);
    this.#edge(this.#below, after, 'later', reading);
    if (some && problem !== null) this.#note.textContent = problem;
  }

  #edge(element: HTMLElement, bytes: number, which: 'earlier' | 'later', reading: boolean): void {
    element.hidden = bytes <= 0;
    const text = `${sizeText(bytes)} ${which}${reading ? ', loading' : ''}`;
    if (bytes <= 0 || element.dataset.text === text) return;
    element.dataset.text = text;
    const load = which === 'earlier' ? () => this.#reader.earlier() : () => this.#reader.later();
    const jump = which === 'earlier' ? () => this.#reader.goToStart() : () => this.#reader.goToEnd();
    element.replaceChildren(
      h('span', {}, text),
      button({ label: `Load ${which}` }, () => void load()).element,
      button({ label: which === 'earlier' ? 'Go to start' : 'Go to end' }, () => void jump()).element,
    );
  }
}

interface EmptyWords {
  readonly text: string;
  readonly more: string;
  readonly glyph: string;
  readonly busy: boolean;
}

function emptyWords(state: LogState, loaded: boolean, problem: string | null): EmptyWords {
  if (problem !== null) return { text: problem, more: '', glyph: 'warning', busy: false };
  switch (state.kind) {
    case 'loading':
      return { text: 'Looking for the log', more: '', glyph: '', busy: true };
    case 'waiting':
      return {
        text: state.message,
        more: 'It appears here as soon as there is one.',
        glyph: 'clock',
        busy: false,
      };
    case 'missing':
      return { text: state.message, more: '', glyph: 'circle-slash', busy: false };
    case 'failed':
      return { text: state.message, more: state.advice, glyph: 'warning', busy: false };
    case 'ready':
      return loaded
        ? {
            text: 'This log is empty',
            more: state.growing ? 'It follows what is written to it.' : '',
            glyph: 'output',
            busy: false,
          }
        : { text: 'Loading the log', more: '', glyph: '', busy: true };
  }
}
