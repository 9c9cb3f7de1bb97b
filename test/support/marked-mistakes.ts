/** What must never be shown of it. */
export const SECRET = 'hunter2-very-secret';

/** The mistakes people make, each with a mark `<<code>>` where it is to be found. */
export const MISTAKES = `registries:
  prod: { kind: ecr, account: <<account>>012345678901, region: eu-west-1 }
  lan: { host: LISTENER, <<secret>>credentials: "admin:${SECRET}" }
indexes:
  - repositories: [<<unknown-registry>>prd/team/*]
    platforms: [linux/amd64, linux/arm64]
  - repositories: [lan/a/*]
    <<unknown-key>>plattforms: [linux/amd64, linux/arm64]
    platforms: [linux/amd64, linux/arm64]
  - repositories: [lan/b/*]
    members: <<no-arch>>"{version}"
    platforms: [linux/amd64, linux/arm64]
  - repositories: [lan/c/*]
    target: <<loop>>"{version}-{arch}"
    platforms: [linux/amd64, linux/arm64]
  - repositories: [lan/d/*]
    target: "<<unknown-capture>>{tag}"
    platforms: [linux/amd64, linux/arm64]
  - repositories: [lan/e/*]
    platforms: [linux/amd64, <<bad-platform>>linux/x86_64]
  - repositories: [lan/f/*]
    platforms: [linux/amd64, linux/arm64]
    optional: [<<platform-twice>>linux/arm64/v8]
  - repositories: [lan/g/*]
    platforms: [linux/amd64, linux/arm64]
    overdue: <<duration>>30
  - name: team apps
    repositories: [lan/h/*]
    members: "{arch}"
    target: latest
    platforms: [linux/amd64, linux/arm64]
  - repositories: [lan/h/x]
    members: "{arch}"
    target: <<two-writers>>latest
    platforms: [linux/amd64, linux/arm64]
imports:
  - <<import-cycle>>from: lan/m/*
    to: lan/m/{repository}
    when: manual
`;

export interface MarkedPlace {
  readonly code: string;
  readonly line: number;
  readonly column: number;
}

/** The text without its marks, and where they stood. */
export function unmark(marked: string): { readonly text: string; readonly places: readonly MarkedPlace[] } {
  const places: MarkedPlace[] = [];
  const lines = marked.split('\n').map((line, index) => {
    const mark = /<<([a-z-]+)>>/.exec(line);
    if (mark === null) return line;
    places.push({ code: mark[1]!, line: index + 1, column: mark.index + 1 });
    return line.replace(mark[0], '');
  });
  return { text: lines.join('\n'), places };
}
