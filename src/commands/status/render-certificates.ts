import { plural } from '../../api/wording.ts';
import type { ClusterReport, ObjectReport, Slot } from './cluster-report.ts';
import type { RotationReport } from './rotation-report.ts';
import { paragraph, type ViewOptions } from './layout.ts';
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
export function renderCertificates(object: ObjectReport, view: ViewOptions): Line[] {
  const rows = object.certificates.flatMap((row): Line[] => {
    const { name, index, subject, notAfter, warnings = [], message } = row;
    const parts = [
      `${name}[${index}]`,
      ...(subject === undefined ? [] : [subject]),
      ...(notAfter === undefined ? [] : [`expires ${when(notAfter, view.now)}`]),
      ...warnings,
    ];
    const text = `${parts.join('; ')}${message === undefined ? '' : `: ${message}`}`;
    return paragraph(row.state, text, view, {
      indent: 6,
      labelWidth: STATE_WIDTH,
      style: STATES[row.state] ?? 'faint',
    });
  });
  const hidden = object.certificatesNotShown;
  return [...rows, ...(hidden > 0 ? [[piece(`      and ${plural(hidden, 'certificate')} more`, 'faint')]] : [])];
}

/** A newer controller may know healths that are not here. */
const HEALTHS: Readonly<Record<string, Style>> = {
  Healthy: 'good',
  Expiring: 'busy',
  Expired: 'bad',
  Late: 'bad',
  Intercepted: 'bad',
};
const HEALTH_WIDTH = 12;

/** The certificates that the cluster has for itself, each with its health as the controller saw it last. */
export function renderOwnCertificates({ certificates }: RotationReport, view: ViewOptions): Line[] {
  return certificates.flatMap(({ name, pool, notAfter, health, message }) => {
    const which = pool === undefined ? name : `${name} ${pool}`;
    const expiry = notAfter === undefined ? '' : `; expires ${when(notAfter, view.now)}`;
    return paragraph(health, `${which}${expiry}${message === undefined ? '' : `: ${message}`}`, view, {
      indent: 6,
      labelWidth: HEALTH_WIDTH,
      style: HEALTHS[health] ?? 'faint',
    });
  });
}

/** The slots of the cluster's list in order, each with the objects that name its certificate. */
export function renderSlots({ slots }: ClusterReport, view: ViewOptions): Line[] {
  if (!slots || slots.length === 0) return [];
  const rows = slots.flatMap((slot, index) =>
    paragraph(`${index}`, slotText(slot, view.now), view, { indent: 4, labelWidth: 3 }),
  );
  return [[piece("  the cluster's list", 'faint')], ...rows];
}

function slotText(slot: Slot, now: number): string {
  const named = (by: readonly string[] | undefined) =>
    by?.length ? `named by ${by.join(', ')}` : 'named by no object';
  if (slot.contains) {
    const names = new Set(slot.contains.flatMap(({ namedBy }) => namedBy ?? []));
    const reason = slot.reason === undefined ? '' : `. ${slot.reason}`;
    return `${plural(slot.contains.length, 'certificate')} in one element; ${named([...names])}${reason}`;
  }
  if (slot.opaque) {
    const reason = slot.reason === undefined ? '' : `. ${slot.reason}`;
    return `an element that is not one readable certificate${reason}`;
  }
  const { subject, fingerprintSHA256 = '', notAfter, foreign, namedBy } = slot;
  return [
    subject ?? `SHA-256 ${fingerprintSHA256.slice(0, 16)}…`,
    ...(notAfter === undefined ? [] : [`expires ${when(notAfter, now)}`]),
    named(namedBy),
    ...(foreign ? ['put there by another client'] : []),
  ].join('; ');
}
