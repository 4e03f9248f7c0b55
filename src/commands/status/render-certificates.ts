import type { ClusterReport, ObjectReport, Place } from './cluster-report.ts';
import { paragraph, plural, type Look } from './layout.ts';
import { piece, type Line, type Style } from './text.ts';
import { when } from './times.ts';

/** A newer controller may know states that are not here. */
const STATES: Readonly<Record<string, Style>> = {
  Trusted: 'good',
  Adopted: 'good',
  Applying: 'busy',
  Pending: 'busy',
  Removing: 'busy',
  Duplicate: 'faint',
  Invalid: 'bad',
  OverLimit: 'bad',
};
const STATE_WIDTH = 10;

/** The certificates of an object, each with its state. */
export function renderCertificates(object: ObjectReport, look: Look): Line[] {
  const rows = object.certificates.flatMap((row): Line[] => {
    const { name, index, subject, notAfter, warnings = [], message } = row;
    const parts = [
      `${name}[${index}]`,
      ...(subject === undefined ? [] : [subject]),
      ...(notAfter === undefined ? [] : [`expires ${when(notAfter, look.now)}`]),
      ...warnings,
    ];
    const text = `${parts.join('; ')}${message === undefined ? '' : `: ${message}`}`;
    return paragraph(row.state, text, look, {
      indent: 6,
      labelWidth: STATE_WIDTH,
      style: STATES[row.state] ?? 'faint',
    });
  });
  const hidden = object.certificatesNotShown;
  return [...rows, ...(hidden > 0 ? [[piece(`      and ${plural(hidden, 'certificate')} more`, 'faint')]] : [])];
}

/** The places of the cluster's list in their order, with who names what is in them. */
export function renderPlaces({ places }: ClusterReport, look: Look): Line[] {
  if (!places || places.length === 0) return [];
  const rows = places.flatMap((place, index) =>
    paragraph(`${index}`, placeText(place, look.now), look, { indent: 4, labelWidth: 3 }),
  );
  return [[piece("  the cluster's list", 'faint')], ...rows];
}

function placeText(place: Place, now: number): string {
  const named = (by: readonly string[] | undefined) => (by?.length ? `named by ${by.join(', ')}` : 'named by nobody');
  if (place.contains) {
    const names = new Set(place.contains.flatMap(({ namedBy }) => namedBy ?? []));
    const reason = place.reason === undefined ? '' : `. ${place.reason}`;
    return `${plural(place.contains.length, 'certificate')} in one element; ${named([...names])}${reason}`;
  }
  if (place.opaque) {
    const reason = place.reason === undefined ? '' : `. ${place.reason}`;
    return `an element that is not one readable certificate${reason}`;
  }
  const { subject, fingerprintSHA256 = '', notAfter, foreign, namedBy } = place;
  return [
    subject ?? `SHA-256 ${fingerprintSHA256.slice(0, 16)}…`,
    ...(notAfter === undefined ? [] : [`expires ${when(notAfter, now)}`]),
    named(namedBy),
    ...(foreign ? ['put there by somebody else'] : []),
  ].join('; ');
}
