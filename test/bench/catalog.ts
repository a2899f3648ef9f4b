import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { dist } from '../../scripts/lib/paths.ts';
import { atLeast, atMost, median } from './part.ts';
import type { BenchPart } from './part.ts';

const runs = 3;
const visit = 900_001;
const head = [
  'rightascension 53.0091385',
  'declination -27.4389488',
  'mjd 59797.2854090',
  'filter 2',
  `obshistid ${visit}`,
  'nsnap 1',
  'vistime 33.0',
  `seed ${visit}`,
  `includeobj star_cat_${visit}.txt.gz`,
  `includeobj gal_cat_${visit}.txt.gz`,
  `includeobj disk_gal_cat_${visit}.txt`,
];

/** `desc-panda check` of a visit of DC2's size, a million lines in four files, two of them gzip. */
export const catalog: BenchPart = {
  name: 'catalog',
  async run(report) {
    const folder = await mkdtemp(join(tmpdir(), 'bench-catalog-'));
    try {
      const { path, bytes, lines } = await writeCatalog(folder);
      const of = `of ${lines.toLocaleString('en-US')} lines with gz includes`;
      const figures: Figures[] = [];
      for (let run = 0; run < runs; run += 1) figures.push(await checkOnce(path, lines));
      const middle = (key: keyof Figures): number => median(figures.map((each) => each[key]));
      report(atMost(`catalog: check ${of} (median of ${runs})`, middle('wall'), 's', 3));
      report(atMost('catalog: of it processor time', middle('cpu'), 's', null));
      report(atMost('catalog: peak memory of the process', middle('memory') / 1e6, 'MB', 150));
      report(atLeast('catalog: text checked a second', bytes / 1e6 / middle('wall'), 'MB/s', null));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Seconds from the start of the process, and bytes. */
interface Figures {
  readonly wall: number;
  readonly cpu: number;
  readonly memory: number;
}

/** Loaded before the program, so that the process tells on the last line of stderr what it took. */
const gauge = `process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const figures = { wall: process.uptime(), cpu: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS * 1024 };
  process.stderr.write('\\n' + JSON.stringify(figures) + '\\n');
});`;

async function checkOnce(path: string, lines: number): Promise<Figures> {
  const words = ['--import', `data:text/javascript,${encodeURIComponent(gauge)}`];
  const program = [join(dist, 'cli/main.js'), 'check', path, '--json'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...words, ...program]);
  if (!stdout.includes(`"included": ${lines - head.length - 200_000}`))
    throw new Error('not all was checked');
  const { wall, cpu, memory } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
  if (typeof wall !== 'number' || typeof cpu !== 'number' || typeof memory !== 'number') {
    throw new Error(`no figures in: ${stderr}`);
  }
  return { wall, cpu, memory };
}

async function writeCatalog(folder: string): Promise<{ path: string; bytes: number; lines: number }> {
  const path = join(folder, `phosim_cat_${visit}.txt`);
  let bytes = 0;
  const write = async (name: string, lines: Iterable<string>): Promise<void> => {
    const pieces = Readable.from(inPieces(lines, (size) => (bytes += size)));
    const file = createWriteStream(join(folder, name));
    if (name.endsWith('.gz')) await pipeline(pieces, createGzip(), file);
    else await pipeline(pieces, file);
  };
  await write(`phosim_cat_${visit}.txt`, [...head, ...sources(0, 200_000, star)]);
  await write(`star_cat_${visit}.txt.gz`, sources(200_000, 400_000, star));
  await write(`gal_cat_${visit}.txt.gz`, sources(400_000, 800_000, galaxy));
  await write(`disk_gal_cat_${visit}.txt`, sources(800_000, 1_000_000, galaxy));
  return { path, bytes, lines: head.length + 1_000_000 };
}

function* inPieces(lines: Iterable<string>, count: (bytes: number) => void): Generator<Buffer> {
  let text: string[] = [];
  const flush = (): Buffer => {
    const piece = Buffer.from(`${text.join('\n')}\n`);
    text = [];
    count(piece.length);
    return piece;
  };
  for (const line of lines) {
    text.push(line);
    if (text.length === 2000) yield flush();
  }
  if (text.length > 0) yield flush();
}

function* sources(from: number, to: number, line: (id: number) => string): Generator<string> {
  for (let id = from; id < to; id += 1) yield line(id);
}

/** A number in [0, 1) that looks like none in particular and is the same in each run. */
function noise(id: number, salt: number): number {
  return ((Math.imul(id + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b)) >>> 0) / 4_294_967_296;
}

function position(id: number): string {
  return `${(51 + 4 * noise(id, 1)).toFixed(7)} ${(-29.4 + 4 * noise(id, 2)).toFixed(7)}`;
}

function star(id: number): string {
  const spectrum = `starSED/kurucz/km${10 + (id % 10)}_${3000 + 250 * (id % 24)}.fits_g${10 + 5 * (id % 9)}.gz`;
  return `object ${id * 1024 + 4} ${position(id)} ${(15 + 12 * noise(id, 3)).toFixed(7)} ${spectrum} 0 0 0 0 0 0 point none CCM 0.0635117705 3.1`;
}

function galaxy(id: number): string {
  const spectrum = `galaxySED/Burst.${10 + (id % 50)}E${String(7 + (id % 4)).padStart(2, '0')}.0${2 + (id % 3)}Z.spec.gz`;
  const shear = [4, 5, 6].map((salt) => (0.02 * noise(id, salt) - 0.01).toFixed(9)).join(' ');
  const shape = `${(0.1 + noise(id, 7)).toFixed(7)} ${(0.1 + 0.5 * noise(id, 8)).toFixed(7)} ${(360 * noise(id, 9)).toFixed(6)} ${id % 2 === 0 ? 1 : 4}`;
  return `object ${id * 1024 + 107} ${position(id)} ${(18 + 11 * noise(id, 3)).toFixed(7)} ${spectrum} ${(3 * noise(id, 10)).toFixed(6)} ${shear} 0 0 sersic2d ${shape} CCM 0.1 3.1 CCM 0.0635117705 3.1`;
}
