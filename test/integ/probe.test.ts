import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Check, keptFromMetadata, opens, probeScript, staysClosed } from '../../integ/probe';

/** What a probe says where curl and nslookup do this, in shell. Both have what they were called with in "$*". */
function verdictsOf(checks: Check[], tools: { curl: string; nslookup?: string }): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'probe-'));
  try {
    for (const [name, script] of Object.entries(tools)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, name), 0o755);
    }
    const { stdout } = spawnSync('/bin/sh', ['-c', probeScript(checks)], {
      encoding: 'utf8',
      env: { PATH: [folder, process.env.PATH].join(delimiter), TRIES: '2', PAUSE: '0' },
    });
    return stdout.trimEnd().split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const NO_NAME = 'echo -n 0; exit 6';
const REFUSED = 'echo -n 0; echo refused >&2; exit 7';
const DROPPED = 'echo -n 0; exit 28';
const STALLED = 'echo -n 1; exit 28';
const ANSWERED = 'echo -n 1; exit 0';
const MISSING = 'exit 127';

describe('a path that must be open', () => {
  const judged = (curl: string) => verdictsOf([opens('web', 'http://web:8080')], { curl });

  test('passes where there is an answer', () => expect(judged(ANSWERED)).toEqual(['PASS web']));
  test('fails where there is none, and says why', () => expect(judged(REFUSED)).toEqual(['FAIL web: 0refused']));
  test('is tried again', () => {
    expect(judged('[ -e "$0.tried" ] && exit 0; touch "$0.tried"; exit 7')).toEqual(['PASS web']);
  });
});

describe('a path that must be closed', () => {
  const judged = (curl: string) => verdictsOf([staysClosed('web', 'http://web:8080')], { curl })[0];

  test('passes where packets are dropped', () => expect(judged(DROPPED)).toBe('PASS web'));
  test.each(Object.entries({ NO_NAME, REFUSED, STALLED, ANSWERED, MISSING }))('fails on %s', (_, curl) => {
    expect(judged(curl)).toMatch(/^FAIL web: curl exit \d+/);
  });
});

describe('instance metadata', () => {
  const judged = (token: string, data: string) =>
    verdictsOf([keptFromMetadata('metadata')], { curl: `case "$*" in *PUT*/latest/api/token) ${token};; *) ${data};; esac` })[0];

  test.each([
    ['no route to it', 'exit 7', 'exit 7'],
    ['a token that does not arrive, and nothing without one', 'exit 28', 'exit 22'],
  ])('passes on %s', (_, token, data) => expect(judged(token, data)).toBe('PASS metadata'));

  test.each([
    ['a token', 'exit 0', 'exit 22'],
    ['an answer without a token', 'exit 28', 'exit 0'],
    ['a refusal of the token alone', 'exit 22', 'exit 22'],
    ['no curl', 'exit 127', 'exit 127'],
  ])('fails on %s', (_, token, data) => expect(judged(token, data)).toMatch(/^FAIL metadata/));
});

test('finds the host and port of an SRV record', () => {
  expect(verdictsOf([opens('web', 'http://$(srv web.integ.internal)')], {
    curl: 'case "$*" in *" http://a.web.integ.internal:40007") exit 0;; esac; exit 7',
    nslookup: 'printf "web.integ.internal\\tservice = 1 1 40007 a.web.integ.internal\\n"',
  })).toEqual(['PASS web']);
});

test('says one line of each check, in their order', () => {
  expect(verdictsOf([opens('a', 'http://a'), staysClosed('b', 'http://b'), opens('c', 'http://c')], {
    curl: `case "$*" in *b) ${DROPPED};; *c) ${REFUSED};; esac`,
  })).toEqual(['PASS a', 'PASS b', 'FAIL c: 0refused']);
});
