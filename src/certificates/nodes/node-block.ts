/** A block labelled CERTIFICATE that a program on a node reads from a file; the file is a text with one character per byte. */
export interface NodeBlock {
  /** Offset of its BEGIN line in the text. */
  readonly start: number;
  /** Offset of the line after its END line. */
  readonly end: number;
  /** The data between BEGIN and END, in canonical base64. */
  readonly base64: string;
}

export const CERTIFICATE = 'CERTIFICATE';
export const BEGIN = '-----BEGIN ';
export const DASHES = '-----';
