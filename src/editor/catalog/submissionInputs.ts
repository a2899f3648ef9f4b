import { isMap, isSeq, parseDocument } from 'yaml';

/** The text of a submission file with one input more; the same text where it has it, undefined where it is none. */
export function withInput(text: string, input: string): string | undefined {
  const document = parseDocument(text);
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents)))
    return undefined;
  const inputs = document.get('inputs');
  if (inputs === undefined) {
    document.set('inputs', document.createNode([input]));
    return document.toString({ lineWidth: 0 });
  }
  if (!isSeq(inputs)) return undefined;
  if (inputs.toJSON().includes(input)) return text;
  inputs.add(document.createNode(input));
  return document.toString({ lineWidth: 0 });
}
