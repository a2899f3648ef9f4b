import { Document, isScalar, Scalar, visit } from 'yaml';

/** A document of plain data whose text gives the same data again, whatever words it holds. */
export function yamlDocument(data: unknown): Document {
  const document = new Document(data);
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && isTricky(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document;
}

export function yamlText(document: Document): string {
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** Whether a node is a text or number on one line. */
export function isOneLine(node: unknown): boolean {
  return isScalar(node) && !/[\n\r]/u.test(String(node.value));
}

/** Of several lines, with blanks at the ends of some: the library does not keep all of those unless they are in quotes. */
function isTricky(text: string): boolean {
  return /[\n\r]/u.test(text) && /^\s|\s$|[^\S\n]\n|\r/u.test(text);
}
