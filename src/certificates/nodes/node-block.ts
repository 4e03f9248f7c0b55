/** A block labelled CERTIFICATE that a program on a node takes out of a file; a file is given as text with one character a byte. */
export interface NodeBlock {
  /** Offset of its BEGIN line in the text. */
  readonly start: number;
  /** Offset of the line after its END line. */
  readonly end: number;
  /** What stands between BEGIN and END, in canonical base64. */
  readonly base64: string;
}

export const CERTIFICATE = 'CERTIFICATE';
export const BEGIN = '-----BEGIN ';
export const DASHES = '-----';
