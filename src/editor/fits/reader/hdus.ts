import type { ByteSource } from './byteSource.ts';
import { FitsError } from './fitsError.ts';
import { BLOCK, readHeader, type Header } from './header.ts';

/** One header with the data behind it (an HDU). */
export interface Hdu {
  /** From 0, the primary one. */
  readonly index: number;
  readonly header: Header;
  /** `PRIMARY`, or what `XTENSION` says: `IMAGE`, `BINTABLE`, `TABLE`, or a type of somebody's own. */
  readonly type: string;
  /** `EXTNAME` with `EXTVER` where there are; empty where not. */
  readonly name: string;
  /** Lengths of the axes, the fastest first. */
  readonly axes: readonly number[];
  readonly bitpix: number;
  /** Where the data begins, bytes. */
  readonly dataStart: number;
  /** Bytes the header speaks of, and those that are there. */
  readonly dataSize: number;
  readonly dataThere: number;
}

export interface Hdus {
  readonly all: readonly Hdu[];
  /** Why there may be more than was read: a sentence; null where all is well. */
  readonly problem: string | null;
}

const MOST_HDUS = 2000;
const MOST_AXES = 999;
const BITPIX = [8, 16, 32, 64, -32, -64];

/** Reads all headers. What is wrong with a later one is told in `problem`; rejects when the first cannot be read. */
export async function readHdus(source: ByteSource): Promise<Hdus> {
  const all: Hdu[] = [];
  let at = 0;
  // What is shorter than a block behind the last one is padding.
  while (at === 0 || at + BLOCK <= source.size) {
    if (all.length === MOST_HDUS) {
      return { all, problem: `Only the first ${MOST_HDUS} parts of the file are read` };
    }
    try {
      const hdu = await readHdu(source, at, all.length);
      if (hdu === undefined) return { all, problem: 'What stands behind the last part is not FITS' };
      all.push(hdu);
      if (hdu.dataThere < hdu.dataSize) {
        return { all, problem: `The file is cut short: ${cutText(hdu)}` };
      }
      at = hdu.dataStart + Math.ceil(hdu.dataSize / BLOCK) * BLOCK;
    } catch (error) {
      if (all.length === 0 || !(error instanceof FitsError)) throw error;
      return { all, problem: `Part ${all.length} cannot be read: ${error.message}` };
    }
  }
  return { all, problem: null };
}

function cutText({ index, dataThere, dataSize }: Hdu): string {
  return `of the ${dataSize} bytes of data that part ${index} speaks of, ${dataThere} are there`;
}

async function readHdu(source: ByteSource, at: number, index: number): Promise<Hdu | undefined> {
  const start = Buffer.from(await source.read(at, 9)).toString('latin1');
  if (index === 0 && start !== 'SIMPLE  =') {
    throw new FitsError('This is not a FITS file: it does not begin with SIMPLE', 'Open it as another kind');
  }
  if (index > 0 && start !== 'XTENSION=') return undefined;
  const { header, end } = await readHeader(source, at);
  const shape = readShape(header);
  return {
    index,
    header,
    type: index === 0 ? 'PRIMARY' : (header.text('XTENSION') ?? '').trim(),
    name: nameOf(header),
    ...shape,
    dataStart: end,
    dataThere: Math.max(0, Math.min(shape.dataSize, source.size - end)),
  };
}

function nameOf(header: Header): string {
  const name = header.text('EXTNAME') ?? '';
  const version = header.number('EXTVER');
  return name === '' || version === undefined || version === 1 ? name : `${name} ${version}`;
}

function readShape(header: Header): Pick<Hdu, 'bitpix' | 'axes' | 'dataSize'> {
  const bitpix = header.number('BITPIX');
  if (bitpix === undefined || !BITPIX.includes(bitpix)) {
    throw wrong(header, 'BITPIX', `one of ${BITPIX.join(', ')}`);
  }
  const count = whole(header, 'NAXIS');
  if (count > MOST_AXES) throw wrong(header, 'NAXIS', `at most ${MOST_AXES}`);
  const axes = Array.from({ length: count }, (_, index) => whole(header, `NAXIS${index + 1}`));
  // Random groups say so by a first axis of 0 that does not count.
  const isGroups = header.flag('GROUPS') && axes[0] === 0;
  const counted = isGroups ? axes.slice(1) : axes;
  const pixels = counted.length === 0 ? 0 : counted.reduce((product, length) => product * length, 1);
  const groups = header.number('GCOUNT') ?? 1;
  const extra = count === 0 ? 0 : (header.number('PCOUNT') ?? 0);
  const dataSize = (Math.abs(bitpix) / 8) * groups * (extra + pixels);
  if (!Number.isSafeInteger(dataSize) || dataSize < 0) {
    throw new FitsError(`The header speaks of data of ${axes.join(' × ')} pixels, which cannot be`);
  }
  return { bitpix, axes, dataSize };
}

function whole(header: Header, keyword: string): number {
  const value = header.number(keyword);
  if (value === undefined || !Number.isSafeInteger(value) || value < 0) {
    throw wrong(header, keyword, 'a whole number from 0 on');
  }
  return value;
}

function wrong(header: Header, keyword: string, wanted: string): FitsError {
  const card = header.get(keyword);
  const is = card === undefined ? 'is missing' : `is ${card.text === '' ? 'empty' : card.text}`;
  return new FitsError(`The header's ${keyword} ${is}; ${wanted} is needed`, 'Get the file again');
}
