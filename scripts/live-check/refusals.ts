import type { AssumptionId } from './assumptions.ts';
import { answered, effect, isTaken, type Lab } from './lab.ts';

interface Case {
  readonly id: AssumptionId;
  readonly list: readonly string[];
  /** Statuses that are as assumed. */
  readonly assumed: readonly number[];
  /** What a refusal has to say besides. */
  readonly words?: RegExp;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

/**
 * Lists that AKS should refuse, each by itself. One that it takes is waited for, and gone with the next change.
 *
 * @param pems eleven certificate authorities
 */
export async function refusals(lab: Lab, pems: readonly string[]): Promise<void> {
  const [first = '', second = ''] = pems;
  const der = Buffer.from(first.replaceAll(/-----.*-----|\s/g, ''), 'base64').toString('base64');
  const taken = [200, 201, 202];
  const cases: readonly Case[] = [
    { id: 'refuse-not-base64', list: ['*** this is not base64 ***'], assumed: [400] },
    { id: 'refuse-not-pem', list: [base64('this is not PEM')], assumed: [400], words: /CustomCATrustCertificates/i },
    { id: 'refuse-der', list: [der], assumed: [400] },
    { id: 'refuse-empty', list: [''], assumed: [400] },
    { id: 'refuse-crlf', list: [base64(first.replaceAll('\n', '\r\n'))], assumed: [400, ...taken] },
    { id: 'refuse-text', list: [base64(`a comment\n${first}`)], assumed: [400, ...taken] },
    { id: 'refuse-two-in-one', list: [base64(first + second)], assumed: [400, ...taken] },
    { id: 'refuse-eleven', list: pems.map(base64), assumed: [400] },
    { id: 'refuse-eleven-elements', list: [...pems.slice(0, 10), first].map(base64), assumed: [400, ...taken] },
  ];
  for (const { id, list, assumed, words } of cases) {
    const { sent, course } = await lab.change(id, list);
    const asAssumed =
      assumed.includes(sent.status) && (isTaken(sent) || words === undefined || words.test(sent.error ?? ''));
    const nodes = isTaken(sent) ? effect(course) : undefined;
    lab.answer(id, asAssumed, [answered(sent), nodes].filter((part) => part !== undefined).join('; '));
  }
}
