import { sentences } from '../../../../api/sentences.ts';
import { passed, type PreflightCheck } from './check.ts';

/** Only a credential that is accepted before a rotation can show after it that it is rejected. It holds nothing: a rotation may be what fixes a cluster. */
export const positiveControl: PreflightCheck = {
  name: 'PositiveControl',
  check({ noted }) {
    const answers = noted ? [noted.clientCertificate, noted.token].filter(({ kind }) => kind !== 'None') : [];
    if (answers.length > 0 && answers.every(({ kind }) => kind === 'Accepted'))
      return passed('The API server accepts the credentials of the present kubeconfig.');
    const rejected = answers.some(({ kind }) => kind === 'Rejected');
    if (rejected)
      return {
        result: 'Warned',
        message:
          'The API server rejects the credentials of the present kubeconfig already, so that it cannot be proved afterwards that the rotation made them invalid.',
      };
    const [why = noted ? 'The kubeconfig has none.' : 'They were not tried.'] = answers.flatMap((answer) =>
      answer.kind === 'Unknown' ? [answer.why] : [],
    );
    const message = `It cannot be proved afterwards that the API server rejects the old credentials: ${why}`;
    return { result: 'Unknown', message: sentences(message) };
  },
};
