import type { Source } from './source.ts';

/** The object itself has the text. */
export const inline: Source = {
  field: 'pem',
  refsOf: () => [],
  read: ({ pem }) => ({ text: pem }),
};
