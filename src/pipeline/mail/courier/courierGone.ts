/** The courier ended, or was left alone, before it said what became of a mail. Its notes say so. */
export class CourierGone extends Error {
  override readonly name = 'CourierGone';
}
