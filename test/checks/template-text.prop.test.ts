import fc from 'fast-check';
import { stringify } from 'yaml';
import { TemplateError } from '../../src/analysis/templates';
import { parseTemplate } from '../../src/checks/template-text';

/** What a template can hold: no numbers that change when they are written. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 5 },
    fc.oneof(fc.string(), fc.constantFrom('yes', 'no', '022', '22:22', '2010-09-09', '~', '<<', '', '!Ref x', '- a', 'a: b', '{{resolve:ssm:/a}}', '\uFEFF'),
      fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('Ref', 'Fn::Sub', '__proto__', '<<', 'yes', '80')), tie('value'), { maxKeys: 4 }),
  ),
}));
const body = fc.dictionary(fc.string({ minLength: 1 }), value, { minKeys: 1 });

const SHORT = /^Fn::([A-Za-z0-9]+)$|^(Ref|Condition)$/;

/** A template as people write it: every function that has a short form in it. */
function printed(one: unknown): string {
  if (Array.isArray(one)) {
    return `[${one.map(printed).join(', ')}]`;
  }
  if (typeof one !== 'object' || one === null) {
    return JSON.stringify(one);
  }
  const entries = Object.entries(one);
  const [, name, plain] = (entries.length === 1 && SHORT.exec(entries[0][0])) || [];
  // A tag stands once before a value, and a number behind it would be a text.
  const tagged = (name ?? plain) !== undefined && (typeof entries[0][1] === 'string' || Array.isArray(entries[0][1]));
  return tagged
    ? `!${name ?? plain} ${printed(entries[0][1])}`
    : `{${entries.map(([key, entry]) => `${JSON.stringify(key)}: ${printed(entry)}`).join(', ')}}`;
}

describe('what was printed is read again', () => {
  test('from JSON', () => {
    fc.assert(fc.property(body, fc.constantFrom(0, 1, '\t'), (one, indent) => {
      expect(parseTemplate(JSON.stringify(one, null, indent), 't')).toEqual(one);
    }));
  });

  test('from YAML, in blocks', () => {
    // The library writes a key << without quotes, and so as a merge.
    fc.assert(fc.property(body.filter((one) => !JSON.stringify(one).includes('"<<":')), (one) => {
      expect(parseTemplate(stringify(one, { version: '1.1', aliasDuplicateObjects: false }), 't')).toEqual(one);
    }));
  });

  test('from YAML with short forms', () => {
    fc.assert(fc.property(body, (one) => {
      expect(parseTemplate(`a: ${printed(one)}`, 't')).toEqual({ a: one });
    }));
  });
});

test('any text is read or refused, with the name of the template', () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom('\n', '  ', ': ', '- ', '[', ']', '{', '}', '&a ', '*a', '!Ref ', '<<: ', '"', "'", '|\n', '# ', '---', '? ', '%YAML', '\t', ','));
  fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
    try {
      parseTemplate(pieces.join(''), 'web.yaml');
    } catch (error) {
      expect(error).toBeInstanceOf(TemplateError);
      expect((error as Error).message).toMatch(/^template web\.yaml: line \d+, column \d+: \S/);
    }
  }), { numRuns: 2000 });
});
