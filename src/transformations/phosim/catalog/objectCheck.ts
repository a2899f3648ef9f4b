import { FingerprintSet } from './fingerprints.ts';
import type { Findings } from '../../findings.ts';
import { findHeaderWord } from './headerWords.ts';
import type { FoundWord } from './headerWords.ts';
import type { Line } from './line.ts';
import { MagnitudeCounter } from './magnitudes.ts';
import { ModelTally } from './modelTally.ts';
import { SkyMapper } from './skyMap.ts';
import { DUST_MODELS, SPATIAL_MODELS } from './spatialModels.ts';
import type { SpatialModel } from './spatialModels.ts';
import { Spectra } from './spectra.ts';
import { keywordHarm, quoted, tellComment } from './wording.ts';
import { OBJECT_FIELDS } from './commandTable.ts';

/** Ids that are remembered to find doubles: 32 MB. */
const MOST_IDS = 3_000_000;

// Places of the fields of an object line, `object` itself being 0.
const ID = 1;
const RA = 2;
const DEC = 3;
const MAGNITUDE = 4;
const SED = 5;
const REDSHIFT = 6;
const GAMMA1 = 7;
const GAMMA2 = 8;
const KAPPA = 9;
const DRA = 10;
const DDEC = 11;
const MODEL = 12;

/** Digits that a double holds whatever they are. */
const SURE_DIGITS = 15;

/** Checks object lines and gathers what the summary says of them. */
export class ObjectCheck {
  readonly magnitudes = new MagnitudeCounter();
  readonly models = new ModelTally();
  readonly sky = new SkyMapper();
  readonly spectra = new Spectra();
  readonly #findings: Findings;
  readonly #ids = new FingerprintSet(MOST_IDS);
  /** Ids that were told as doubles already. */
  readonly #told = new FingerprintSet(MOST_IDS / 10);

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Too many ids to have looked for doubles among all of them. */
  get missedDoubles(): boolean {
    return this.#ids.isFull;
  }

  /** `inHead`: the line stands in the catalog itself, where phoSim looks for header words in it. */
  check(line: Line, inHead: boolean): void {
    if (line.count <= MODEL) {
      this.#findings.add(line.place(), 'error', 'too-few-fields', () => tooFew(line.count - 1));
      return;
    }
    this.#checkId(line, inHead);
    this.#checkNumbers(line);
    this.#checkSpectrum(line, inHead);
    this.#checkModel(line, inHead);
    if (line.fields.hash >= 0) this.#checkHash(line, inHead);
  }

  #checkId(line: Line, inHead: boolean): void {
    const { bytes, fields } = line;
    const start = fields.start(ID);
    const end = fields.end(ID);
    if (this.#ids.has(bytes, start, end) && !this.#told.has(bytes, start, end)) {
      this.#findings.add(line.place(ID), 'warning', 'duplicate-object-id', () => {
        return `There is an object ${line.word(ID)} already: the two cannot be told apart in what phoSim writes.`;
      });
    }
    const first = bytes[start] ?? 0;
    if (end - start <= SURE_DIGITS && first >= 48 && first <= 57) return;
    const word = line.word(ID);
    if (Number(word) > Number.MAX_SAFE_INTEGER) {
      this.#findings.add(line.place(ID), 'warning', 'id-precision', () => {
        return `phoSim 3 reads the id as a floating point number: from ${Number.MAX_SAFE_INTEGER} on digits are lost.`;
      });
    }
    if (inHead) this.#checkWord(line, ID, word);
  }

  #checkNumbers(line: Line): void {
    const ra = line.value(RA);
    const dec = line.value(DEC);
    const magnitude = line.value(MAGNITUDE);
    const gamma1 = line.value(GAMMA1);
    const gamma2 = line.value(GAMMA2);
    const kappa = line.value(KAPPA);
    const others = line.value(REDSHIFT) + line.value(DRA) + line.value(DDEC);
    if (!Number.isFinite(ra + dec + magnitude + gamma1 + gamma2 + kappa + others)) this.#tellNumbers(line);
    if (this.#checkPosition(line, ra, dec)) this.sky.add(ra, dec);
    if (Number.isFinite(magnitude)) this.magnitudes.add(magnitude);
    const magnification = (1 - kappa) ** 2 - gamma1 ** 2 - gamma2 ** 2;
    if (magnification <= 0 && Number.isFinite(magnification)) this.#tellLensing(line, magnification);
  }

  #tellNumbers(line: Line): void {
    for (let index = RA; index <= DDEC; index += 1) {
      const value = line.value(index);
      if (index === SED || Number.isFinite(value)) continue;
      const name = OBJECT_FIELDS[index - 1]?.name ?? '';
      this.#findings.add(line.place(index), 'error', 'not-a-number', () => {
        if (!Number.isNaN(value)) return `${name} is beyond all numbers: ${quoted(line.word(index))}.`;
        return `${name} must be a number: ${quoted(line.word(index))}.`;
      });
    }
  }

  #checkPosition(line: Line, ra: number, dec: number): boolean {
    const raGood = ra >= -180 && ra <= 360;
    const decGood = dec >= -90 && dec <= 90;
    if (!raGood && Number.isFinite(ra)) {
      this.#findings.add(line.place(RA), 'error', 'ra-range', () => {
        return `A right ascension lies from 0 to 360 degrees: ${line.word(RA)}.`;
      });
    }
    if (!decGood && Number.isFinite(dec)) {
      this.#findings.add(line.place(DEC), 'error', 'dec-range', () => {
        return `A declination lies from -90 to 90 degrees: ${line.word(DEC)}.`;
      });
    }
    return raGood && decGood;
  }

  #tellLensing(line: Line, magnification: number): void {
    this.#findings.add(line.place(GAMMA1, KAPPA), 'error', 'lensing-singular', () => {
      return `With this lensing (1-κ)² - γ1² - γ2² is ${Number(magnification.toPrecision(4))}, not above 0: the magnitude becomes no number.`;
    });
  }

  #checkSpectrum(line: Line, inHead: boolean): void {
    const { word } = this.spectra.note(line.word(SED), () => line.place(SED));
    if (inHead && word !== undefined) this.#tellWord(line, SED, word);
  }

  #checkModel(line: Line, inHead: boolean): void {
    const word = line.word(MODEL);
    const model = this.models.add(word);
    if (model === undefined) this.#tellUnknownModel(line, word);
    if (inHead && (model === undefined || word.includes('fit'))) this.#checkWord(line, MODEL, word);
    this.#checkTail(line, model);
  }

  #tellUnknownModel(line: Line, word: string): void {
    if (word === 'star') {
      this.#findings.add(line.place(MODEL), 'information', 'model-alias-star', () => {
        return 'phoSim has no model star and takes a point for it, as for every word it does not know.';
      });
      return;
    }
    this.#findings.add(line.place(MODEL), 'warning', 'unknown-spatial-model', () => {
      const near = [...SPATIAL_MODELS.keys()].find((name) => name.toLowerCase() === word.toLowerCase());
      const hint = near === undefined ? '' : ` Is ${near} meant?`;
      return `phoSim has no model ${quoted(word)} and silently takes a point for it.${hint}`;
    });
  }

  /** Parameters of the model, then two dust models with two numbers or none each. */
  #checkTail(line: Line, model: SpatialModel | undefined): void {
    const first = MODEL + 1;
    let next = first;
    while (next < line.count && !Number.isNaN(line.value(next))) next += 1;
    const given = next - first;
    if (model !== undefined && !model.counts.includes(given)) {
      const [least = 0] = model.counts;
      if (given < least && this.#tellNoNumber(line, next, line.word(MODEL))) return;
      const many = given > least;
      const place = given === 0 ? line.place(MODEL) : line.place(first, next - 1);
      const code = many ? 'too-many-model-parameters' : 'too-few-model-parameters';
      this.#findings.add(place, many ? 'warning' : 'error', code, () => {
        return `${line.word(MODEL)} takes ${model.counts.join(' or ')} ${model.counts.at(-1) === 1 ? 'parameter' : 'parameters'} (${model.parameters}), not ${given}.`;
      });
      return;
    }
    const second = this.#checkDust(line, next, 'the source');
    if (second !== undefined) this.#checkDust(line, second, 'our galaxy');
  }

  /** Where the next field stands; undefined when nothing sure can be said of what follows. */
  #checkDust(line: Line, index: number, whose: string): number | undefined {
    if (index >= line.count) {
      this.#findings.add(line.place(), 'information', 'dust-missing', () => {
        return `The dust of ${whose} is missing: phoSim takes none.`;
      });
      return undefined;
    }
    const word = line.word(index);
    if (word === 'none') return index + 1;
    if (!DUST_MODELS.has(word)) {
      this.#findings.add(line.place(index), 'warning', 'unknown-dust-model', () => {
        return `phoSim knows no dust ${quoted(word)} and takes none; it knows ccm and calzetti.`;
      });
      return undefined;
    }
    if (Number.isNaN(line.value(index + 1) + line.value(index + 2))) {
      const bad = Number.isNaN(line.value(index + 1)) ? index + 1 : index + 2;
      if (this.#tellNoNumber(line, bad, word)) return undefined;
      this.#findings.add(line.place(index), 'error', 'too-few-dust-parameters', () => {
        return `${word} takes two numbers, A_V and R_V.`;
      });
      return undefined;
    }
    return index + 3;
  }

  /** Whether the word is no number where `whose` takes one, and not the dust that stands behind too few of them. */
  #tellNoNumber(line: Line, index: number, whose: string): boolean {
    const word = line.word(index);
    if (word === '' || word === 'none' || DUST_MODELS.has(word)) return false;
    this.#findings.add(line.place(index), 'error', 'not-a-number', () => {
      return `A parameter of ${whose} must be a number: ${quoted(word)}.`;
    });
    return true;
  }

  #checkWord(line: Line, index: number, text: string): void {
    const word = findHeaderWord(text);
    if (word !== undefined) this.#tellWord(line, index, word);
  }

  #tellWord(line: Line, index: number, found: FoundWord): void {
    const at = line.fields.start(index) + found.at;
    this.#findings.add(
      line.placeOf(at, at + found.word.length),
      'warning',
      'keyword-inside-object-line',
      () => {
        return keywordHarm(found.word, 'the line of an object');
      },
    );
  }

  #checkHash(line: Line, inHead: boolean): void {
    const { hash } = line.fields;
    const word = inHead ? findHeaderWord(line.text(hash)) : undefined;
    if (word !== undefined) {
      const at = line.text(line.from, hash).length + word.at;
      tellComment(line, { ...word, at }, this.#findings);
    }
    if ((line.bytes[hash - 1] ?? 0) <= 32) return;
    this.#findings.add(line.placeOf(hash - 1, hash + 1), 'warning', 'hash-cuts', () => {
      return 'phoSim cuts the line one character before the #: put a blank there.';
    });
  }
}

function tooFew(given: number): string {
  return `An object has 12 fields up to its model, this line ${given}: ${OBJECT_FIELDS.map(({ name }) => name).join(' ')}.`;
}
