import { runInNewContext } from 'node:vm';
import { resourceLines } from '../../src/cli/resource-lines';

const linesOf = (text: string) => Object.fromEntries(resourceLines(text));

describe('JSON', () => {
  const template = {
    Parameters: { Resources: { Type: 'String' } },
    Resources: { 'A': { Type: 'X', Resources: { No: {} } }, 'B': { 'Type': 'Y{"', 'Text': ['"Z": {', '\\'] }, 'C "c"\n': { Type: 'Z' } },
    Outputs: { A: { Value: 1 } },
  };

  test('has each resource in its line', () => {
    const text = JSON.stringify(template, undefined, 2);
    const lines = text.split('\n');
    expect(linesOf(text)).toEqual(Object.fromEntries(Object.keys(template.Resources).map((id) => [
      id, 1 + lines.findIndex((line) => line.startsWith(`    ${JSON.stringify(id)}: {`) && lines.indexOf(line) > lines.indexOf('  "Resources": {')),
    ])));
  });

  test('in one line has all of them there', () => {
    expect(linesOf(JSON.stringify(template))).toEqual({ 'A': 1, 'B': 1, 'C "c"\n': 1 });
  });

  test('with keys apart from their colons', () => {
    expect(linesOf('{"Resources"\n:\n{"A"\n\n: {}, "B": {}}}')).toEqual({ A: 3, B: 5 });
  });
});

describe('YAML', () => {
  test('has each resource in its line', () => {
    expect(linesOf([
      '# Resources:', '', 'Parameters:', '  A: {Type: String}', 'Resources: # here', '   # first', '   A:', '      Type: X', '      Text: |', '        B:', '',
      '   "B":', '      Type: Y', '      List:', '      - C: 1', "   'C' :", '      Type: Z', '   D: {Type: X}', '   Fn::ForEach::E: []', 'Outputs:', '   F:', '      Value: 1',
    ].join('\n'))).toEqual({ 'A': 7, 'B': 12, 'C': 16, 'D': 18, 'Fn::ForEach::E': 19 });
  });

  test('with colons in its keys and blanks behind them', () => {
    expect(linesOf('Resources :\n  A::B  :\n    Type: X\n  C:D : {Type: X}\n  : x\n  :E: {}\n')).toEqual({ 'A::B': 2, 'C:D': 4, ':E': 6 });
  });

  test('a megabyte of blanks in a line is gone through once, for more would take hours', () => {
    const text = `Description: |\n  x${' '.repeat(2 ** 20)}x\nResources:\n  A:\n    Type: X\n`;
    expect(runInNewContext('lines()', { lines: () => linesOf(text) }, { timeout: 60_000 })).toEqual({ A: 4 });
  }, 120_000);

  test('behind a byte order mark', () => {
    expect(linesOf('\uFEFFResources:\n  A:\n    Type: X\n')).toEqual({ A: 2 });
  });

  test('with other line ends', () => {
    expect(linesOf('Resources:\r\n  A:\r\n    Type: X\r\n')).toEqual({ A: 2 });
  });

  test('has none in braces, and none in what is no template', () => {
    expect(linesOf('Resources: {A: {Type: X}}\n')).toEqual({});
    expect(linesOf('- Resources\n-   A: 1\n')).toEqual({});
    expect(linesOf('')).toEqual({});
  });
});
