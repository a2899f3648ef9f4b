import { isUtf8 } from 'node:buffer';
/** The name Python gives the type of a JSON value, as the server's messages show it. */
export function pythonTypeName(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  if (typeof value === 'string') return 'str';
  return Array.isArray(value) ? 'list' : 'dict';
}

/** A value as Python's `repr` writes it: what clients get that do not ask for exactly `application/json`. */
export function pythonLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  const members = Object.entries(value).map(([key, item]) => `${quote(key)}: ${pythonLiteral(item)}`);
  return `{${members.join(', ')}}`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(/[\\\u0000-\u001f\u007f]/gu, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, '0');
    return ESCAPES[character] ?? `\\x${code}`;
  });
  return mark + (mark === "'" ? body.replaceAll("'", "\\'") : body) + mark;
}

/** The first bytes of a body as Python's `repr` writes `bytes`. */
export function pythonBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    const plain = byte >= 0x20 && byte < 0x7f && character !== '\\';
    text += plain ? character : (ESCAPES[character] ?? `\\x${byte.toString(16).padStart(2, '0')}`);
  }
  return text.includes("'") && !text.includes('"') ? `b"${text}"` : `b'${text.replaceAll("'", "\\'")}'`;
}

/** Python's complaint about bytes that are not UTF-8; undefined when they are. */
export function utf8Problem(bytes: Uint8Array): string | undefined {
  if (isUtf8(bytes)) return undefined;
  for (let position = 0; position < bytes.length;) {
    const lead = bytes[position] ?? 0;
    const length = sequenceLength(lead);
    const hex = `0x${lead.toString(16).padStart(2, '0')}`;
    const where = `'utf-8' codec can't decode byte ${hex} in position ${position}`;
    if (length === 0) return `${where}: invalid start byte`;
    for (let offset = 1; offset < length; offset++) {
      const next = bytes[position + offset];
      if (next === undefined) return `${where}: unexpected end of data`;
      if ((next & 0xc0) !== 0x80) return `${where}: invalid continuation byte`;
    }
    position += length;
  }
  return undefined;
}

function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}
