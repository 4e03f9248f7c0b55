import { omit } from './omit.ts';
import type { RecordStatus } from './record.ts';

/** What became of the last writes of one kind of operation. */
export type Attempts = Pick<RecordStatus, 'refusal' | 'unseenWrites'>;

/** The kind whose attempts have members of their own. The first kind keeps them in the record itself, as it did when it was alone. */
const ROTATION = 'RotateCertificates';

/** The record as the holds and the writes of one kind see it: the attempts of another kind neither hold nor count. */
export function withAttemptsOf(record: RecordStatus, kind: string): RecordStatus {
  if (kind !== ROTATION) return record;
  return { ...omit(record, ['refusal', 'unseenWrites']), ...attemptsIn(record.rotation) };
}

/** The record whose attempts of one kind are those of `view`, a record that {@link withAttemptsOf} made; everything else is as in `view`. */
export function putBackAttempts(view: RecordStatus, record: RecordStatus, kind: string): RecordStatus {
  if (kind !== ROTATION) return view;
  const rotation = { ...omit(view.rotation ?? {}, ['refusal', 'unseenWrites']), ...attemptsIn(view) };
  return {
    ...omit(view, ['refusal', 'unseenWrites', 'rotation']),
    ...attemptsIn(record),
    ...(Object.keys(rotation).length > 0 ? { rotation } : {}),
  };
}

/** The members that are there. */
export function attemptsIn({ refusal, unseenWrites }: Attempts = {}): Attempts {
  return { ...(refusal ? { refusal } : {}), ...(unseenWrites ? { unseenWrites } : {}) };
}
