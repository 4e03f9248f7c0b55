const DOMAIN = /^[\x21-\x7e]*$/;

/** True for a domain by Go's crypto/x509: visible ASCII without empty labels. A constraint may begin with a dot. */
export function isDomain(text: string, isConstraint: boolean): boolean {
  if (text === '') return true;
  if (!DOMAIN.test(text) || text.endsWith('.')) return false;
  const labels = (isConstraint && text.startsWith('.') ? text.slice(1) : text).split('.');
  return labels.every((label) => label !== '');
}

const QUOTED = /^"(?:[^\0\t\n\r"\\]|\\[^\0\n\r])*"@/;
const ATOMS = /^((?:[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.]|\\[^])+)@/;
const VISIBLE = /^[\x21-\x7e]*$/;

/** True for a mailbox of RFC 2821 by Go; the text is ASCII. No character fits two branches of a pattern, so none backtracks. */
export function isMailbox(text: string): boolean {
  const quoted = QUOTED.exec(text);
  const atoms = text.startsWith('"') ? null : ATOMS.exec(text);
  const local = quoted?.[0] ?? atoms?.[0];
  if (local === undefined) return false;
  if (atoms?.[1] !== undefined) {
    const name = atoms[1].replace(/\\([^])/g, '$1');
    if (name.startsWith('.') || name.endsWith('.') || name.includes('..')) return false;
  }
  const domain = text.slice(local.length);
  return domain === '' || (VISIBLE.test(domain) && domain.split('.').every((label) => label !== ''));
}
