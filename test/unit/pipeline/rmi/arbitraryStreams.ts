import fc from 'fast-check';
import { FLAG, isReference, PRIMITIVE_SIZE } from '../../../../src/pipeline/rmi/serial/typeCodes.ts';
import type {
  AnyDesc,
  ClassData,
  ClassDesc,
  Content,
  JavaString,
  JavaValue,
} from '../../../../src/pipeline/rmi/serial/model.ts';
import { classesOf } from '../../../../src/pipeline/rmi/serial/inspect.ts';

const TYPES = ['B', 'C', 'D', 'F', 'I', 'J', 'S', 'Z', 'L', '['];

/** Draws from fast-check as one goes along, so that graphs can share what they have. */
type Draw = <T>(arbitrary: fc.Arbitrary<T>) => T;

/**
 * Makes streams of objects of made-up classes that share strings, classes and each other, with cycles. A generator keeps all
 * that was drawn from it for ever, so that each stream has its own.
 */
export const arbitraryStream: fc.Arbitrary<readonly Content[]> = fc
  .constant(undefined)
  .chain(() => fc.gen().map(contentsOf));

function contentsOf(gen: fc.GeneratorValue): readonly Content[] {
  const draw: Draw = (arbitrary) => gen(() => arbitrary);
  const made: JavaValue[] = [null];
  const descs: ClassDesc[] = [];
  const contents: Content[] = [];
  for (let left = draw(fc.nat({ max: 6 })); left > 0; left--) {
    const kind = draw(fc.nat({ max: 9 }));
    if (kind === 0)
      contents.push({ kind: 'block', bytes: Buffer.from(draw(fc.uint8Array({ maxLength: 300 }))) });
    else if (kind === 1) contents.push({ kind: 'reset' });
    else contents.push(value(draw, made, descs, 3));
  }
  return contents;
}

function text(draw: Draw): string {
  return draw(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '\0', '\ud800', 'é€😀')));
}

function value(draw: Draw, made: JavaValue[], descs: ClassDesc[], depth: number): JavaValue {
  const kind = depth === 0 ? 0 : draw(fc.nat({ max: 7 }));
  if (kind <= 1) return draw(fc.constantFrom(...made));
  if (kind === 2) return keep<JavaString>(made, { kind: 'string', value: text(draw) });
  if (kind === 3) return array(draw, made, descs, depth);
  if (kind === 4) {
    const desc = classDesc(draw, made, descs, depth, FLAG.serializable | FLAG.enum);
    return keep(made, { kind: 'enum', desc, constant: { kind: 'string', value: text(draw) } });
  }
  if (kind === 5) return keep(made, { kind: 'class', desc: classDesc(draw, made, descs, depth) });
  const desc: AnyDesc =
    kind === 6
      ? {
          kind: 'proxyDesc',
          interfaces: draw(fc.array(fc.string(), { maxLength: 3 })),
          annotations: classAnnotations(draw, made, descs, depth),
          superDesc: classDesc(draw, made, descs, depth),
        }
      : classDesc(draw, made, descs, depth);
  const levels: ClassData[] = [];
  const object = keep(made, { kind: 'object', desc, levels } as const);
  for (const one of classesOf(desc)) levels.push(classData(draw, made, descs, depth, one));
  return object;
}

function classData(
  draw: Draw,
  made: JavaValue[],
  descs: ClassDesc[],
  depth: number,
  desc: ClassDesc,
): ClassData {
  const size = desc.fields.reduce((sum, { type }) => sum + (PRIMITIVE_SIZE[type] ?? 0), 0);
  const primitives = Buffer.from(draw(fc.uint8Array({ minLength: size, maxLength: size })));
  const references = desc.fields
    .filter(({ type }) => isReference(type))
    .map(() => value(draw, made, descs, depth - 1));
  const writes = (desc.flags & FLAG.writeMethod) !== 0;
  return { desc, primitives, references, custom: writes ? annotations(draw, made, descs, depth) : undefined };
}

function array(draw: Draw, made: JavaValue[], descs: ClassDesc[], depth: number): JavaValue {
  const type = draw(fc.constantFrom(...TYPES));
  const name = type === 'L' ? '[Lsome.Class;' : `[${type}`;
  const desc: ClassDesc = { ...classDesc(draw, made, [], depth), name };
  const size = PRIMITIVE_SIZE[type];
  if (size !== undefined) {
    const bytes = Buffer.from(draw(fc.uint8Array({ maxLength: 20 })))
      .toString('latin1')
      .repeat(size);
    return keep(made, { kind: 'array', desc, bytes: Buffer.from(bytes, 'latin1'), elements: [] });
  }
  const elements: JavaValue[] = [];
  const object = keep(made, { kind: 'array', desc, bytes: undefined, elements } as const);
  for (let left = draw(fc.nat({ max: 4 })); left > 0; left--)
    elements.push(value(draw, made, descs, depth - 1));
  return object;
}

function annotations(draw: Draw, made: JavaValue[], descs: ClassDesc[], depth: number): Content[] {
  const contents: Content[] = [];
  for (let left = depth <= 1 ? 0 : draw(fc.nat({ max: 2 })); left > 0; left--) {
    const isBlock = draw(fc.boolean());
    contents.push(
      isBlock
        ? { kind: 'block', bytes: Buffer.from(draw(fc.uint8Array({ maxLength: 20 }))) }
        : value(draw, made, descs, depth - 1),
    );
  }
  return contents;
}

/** Hold nothing that is not whole yet: what is made later may be of the class, and no class is made of itself. */
function classAnnotations(draw: Draw, made: JavaValue[], descs: ClassDesc[], depth: number): Content[] {
  const own: JavaValue[] = [null];
  const contents = annotations(draw, own, descs, depth);
  made.push(...own.slice(1));
  return contents;
}

function classDesc(
  draw: Draw,
  made: JavaValue[],
  descs: ClassDesc[],
  depth: number,
  flags = FLAG.serializable | draw(fc.constantFrom(0, FLAG.writeMethod)),
): ClassDesc {
  const known = descs.filter((desc) => desc.flags === flags);
  if (known.length > 0 && draw(fc.boolean())) return draw(fc.constantFrom(...known));
  const types = draw(fc.array(fc.constantFrom(...TYPES), { maxLength: 5 }));
  const signature: JavaString = { kind: 'string', value: 'Lsome.Class;' };
  const desc: ClassDesc = {
    kind: 'classDesc',
    name: `c${text(draw)}`,
    suid: draw(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    flags,
    fields: types
      .sort((a, b) => Number(isReference(a)) - Number(isReference(b)))
      .map((type) => ({ type, name: text(draw), signature: isReference(type) ? signature : undefined })),
    annotations: classAnnotations(draw, made, descs, depth - 1),
    superDesc: draw(fc.boolean()) && depth > 0 ? classDesc(draw, made, descs, depth - 1) : null,
  };
  descs.push(desc);
  return desc;
}

function keep<T extends JavaValue>(made: JavaValue[], value: T): T {
  made.push(value);
  return value;
}
