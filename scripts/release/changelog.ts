/** What CHANGELOG.md says of a version: the form is that of keepachangelog.com. */
export interface Entry {
  readonly version: string;
  /** As written, such as 2026-12-31 or "not released yet". */
  readonly date: string;
  readonly text: string;
}

export function entriesOf(changelog: string): Entry[] {
  return changelog
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const [title = '', ...lines] = part.split('\n');
      const [, version = title, date = ''] = /^\[([^\]]+)\](?: - (.*))?$/.exec(title) ?? [];
      return { version, date, text: lines.join('\n').trim() };
    });
}
