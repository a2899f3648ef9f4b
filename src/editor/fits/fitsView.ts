import { formatSize, type Disposable } from '../../watch/index.ts';
import { errorText } from '../errorText.ts';
import { fileView, headerRows, imageView, statisticsFacts } from './fitsTexts.ts';
import type { HostMessage, PageMessage, PlanePlace } from './messages.ts';
import { parsePageMessage } from './pageMessage.ts';
import {
  FitsError,
  hasTile,
  imageOf,
  pixelBytes,
  pixelStart,
  pixelText,
  readFits,
  readOverview,
  readTile,
  rowsThere,
  type FitsFile,
  type FitsImage,
  type LocalBytes,
  type Overview,
} from './reader/index.ts';

export interface OpenOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number, size: number) => void;
}

export interface FitsViewDeps {
  /** Name of the file, for people. */
  readonly name: string;
  /** Makes the file's bytes available on this machine. */
  readonly open: (options: OpenOptions) => Promise<LocalBytes>;
  readonly send: (message: HostMessage) => void;
  readonly copy: (text: string) => void;
  /** Notes an error that the page tells of. */
  readonly note: (error: unknown) => void;
}

/** Of a larger image a rough picture is shown first, pixels. */
const LARGE = 32_000_000;
const KEPT_OVERVIEWS = 4;

interface Opened {
  readonly file: FitsFile;
  readonly bytes: LocalBytes;
}

type Question = Extract<PageMessage, { readonly id: number }>;

/** Feeds the page of one file. The page may be thrown away at any time and asks anew. */
export class FitsView implements Disposable {
  readonly #deps: FitsViewDeps;
  readonly #overviews = new Map<string, Overview>();
  #opened: Promise<Opened> | undefined;
  /** Ends what is read for the file; made anew with it. */
  #life = new AbortController();
  /** Ends what was asked by the page that is there: another one counts its questions anew. */
  #page = new AbortController();
  /** Ends what is read for the plane in view. */
  #showing = new AbortController();

  constructor(deps: FitsViewDeps) {
    this.#deps = deps;
  }

  /** A message from the page, unchecked. */
  receive(value: unknown): void {
    const message = parsePageMessage(value);
    switch (message?.type) {
      case undefined:
        this.#deps.note(new Error('The page of a FITS file sent a message that is none of ours.'));
        break;
      case 'reload':
        this.#close();
        void this.#open();
        break;
      case 'ready':
        this.#forgetQuestions();
        void this.#open();
        break;
      case 'show':
        void this.#show(message.place);
        break;
      case 'copy':
        this.#deps.copy(message.text);
        break;
      case 'tile':
      case 'pixel':
        void this.#answer(message);
    }
  }

  dispose(): void {
    this.#close();
  }

  #close(): void {
    const opened = this.#opened;
    this.#opened = undefined;
    this.#life.abort();
    this.#life = new AbortController();
    this.#showing.abort();
    this.#forgetQuestions();
    this.#overviews.clear();
    // One that failed to open has told so, and has nothing to close.
    void opened?.then(({ bytes }) => bytes.dispose()).catch((error: unknown) => this.#deps.note(error));
  }

  #forgetQuestions(): void {
    this.#page.abort();
    this.#page = new AbortController();
  }

  async #open(): Promise<void> {
    const { signal } = this.#life;
    this.#opened ??= this.#read(signal);
    try {
      const { file } = await this.#opened;
      if (!signal.aborted) this.#deps.send({ type: 'file', view: fileView(this.#deps.name, file) });
    } catch (error) {
      if (signal.aborted) return;
      this.#opened = undefined;
      this.#fail(error);
    }
  }

  async #read(signal: AbortSignal): Promise<Opened> {
    this.#progress('Opening', null);
    const onProgress = (bytes: number, size: number): void =>
      this.#progress(`Reading ${formatSize(bytes)} of ${formatSize(size)}`, bytes / size);
    const bytes = await this.#deps.open({ signal, onProgress });
    try {
      signal.throwIfAborted();
      return { bytes, file: await readFits(bytes) };
    } catch (error) {
      await bytes.dispose();
      throw error;
    }
  }

  /** Sends the header of a part at once, then its image: a rough one first where it is large. */
  async #show(place: PlanePlace): Promise<void> {
    this.#showing.abort();
    const showing = new AbortController();
    this.#showing = showing;
    const opened = await this.#opened?.catch(() => undefined);
    const hdu = opened?.file.all[place.part];
    if (opened === undefined || hdu === undefined || showing.signal.aborted) return;
    const image = imageOf(hdu);
    const isThere = typeof image !== 'string' && place.plane < image.planes;
    this.#deps.send({
      type: 'part',
      place,
      header: headerRows(hdu),
      image: isThere ? imageView(hdu, image) : null,
      note: typeof image === 'string' ? image : isThere ? '' : 'There is no such plane.',
    });
    if (!isThere) return;
    try {
      await this.#sendOverviews(opened, image, place, showing.signal);
    } catch (error) {
      if (!showing.signal.aborted) this.#fail(error);
    }
  }

  async #sendOverviews(
    { bytes }: Opened,
    image: FitsImage,
    place: PlanePlace,
    signal: AbortSignal,
  ): Promise<void> {
    const key = `${place.part} ${place.plane}`;
    const known = this.#overviews.get(key);
    if (known !== undefined) {
      this.#sendOverview(place, known);
      return;
    }
    if (image.width * image.height > LARGE) {
      this.#sendOverview(place, await readOverview(bytes, image, place.plane, { signal, quick: true }));
    }
    const onProgress = (share: number): void => this.#progress('Reading the image', share);
    const overview = await readOverview(bytes, image, place.plane, { signal, onProgress });
    signal.throwIfAborted();
    this.#overviews.set(key, overview);
    const [oldest] = this.#overviews.keys();
    if (this.#overviews.size > KEPT_OVERVIEWS && oldest !== undefined) this.#overviews.delete(oldest);
    this.#sendOverview(place, overview);
  }

  #sendOverview(place: PlanePlace, overview: Overview): void {
    const { factor, width, height, limits, statistics, exact, values } = overview;
    const view = { factor, width, height, limits, statistics: statisticsFacts(statistics), exact };
    this.#deps.send({ type: 'overview', place, view, bytes: bytesOf(values) });
  }

  async #answer(question: Question): Promise<void> {
    const { id } = question;
    const { signal } = this.#page;
    try {
      const opened = await this.#opened;
      const hdu = opened?.file.all[question.place.part];
      const image = hdu === undefined ? '' : imageOf(hdu);
      if (typeof image === 'string' || opened === undefined) throw new FitsError('There is no such image');
      const answer = await (question.type === 'tile'
        ? tileAnswer(opened, image, question)
        : pixelAnswer(opened, image, question));
      if (!signal.aborted) this.#deps.send(answer);
    } catch (error) {
      if (signal.aborted) return;
      this.#deps.note(error);
      this.#deps.send({ type: 'refused', id, message: errorText(error)?.message ?? '' });
    }
  }

  #progress(text: string, share: number | null): void {
    this.#deps.send({ type: 'progress', text, share });
  }

  #fail(error: unknown): void {
    const text = errorText(error);
    if (text === undefined) return;
    this.#deps.note(error);
    this.#deps.send({ type: 'trouble', message: text.message, advice: text.advice });
  }
}

async function tileAnswer(
  { bytes }: Opened,
  image: FitsImage,
  question: Extract<Question, { readonly type: 'tile' }>,
): Promise<HostMessage> {
  const { id, place, level, column, row } = question;
  const tile = { plane: place.plane, level, column, row };
  if (!hasTile(image, tile)) throw new FitsError('There is no such part of the image');
  const { width, height, values } = await readTile(bytes, image, tile);
  return { type: 'tile', id, width, height, bytes: bytesOf(values) };
}

async function pixelAnswer(
  { bytes }: Opened,
  image: FitsImage,
  question: Extract<Question, { readonly type: 'pixel' }>,
): Promise<HostMessage> {
  const { id, place, x, y } = question;
  if (x >= image.width || y >= image.height || place.plane >= image.planes) {
    throw new FitsError('There is no such pixel');
  }
  if (y >= rowsThere(image, place.plane)) return { type: 'pixel', id, text: 'not in the file' };
  const size = pixelBytes(image.format);
  const stored = await bytes.read(pixelStart(image, place.plane, x, y), size);
  return {
    type: 'pixel',
    id,
    text: stored.length < size ? 'not in the file' : pixelText(stored, image.format),
  };
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
