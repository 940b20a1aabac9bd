/**
 * Which templates are judged together.
 *
 * A stack resource whose `TemplateURL` is a path on this machine, as `aws cloudformation package` takes it, has the template of that path
 * nested in it, whether or not it was given as well. Templates that were named on the command line are joined by what they export and
 * import; those found in a folder are not, as folders hold copies and variants that export the same names and are never deployed together.
 */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { isBody, own, TemplateInput } from '../analysis/templates';
import { groupsOf } from '../analysis/worlds';
import { Group, withoutBroken } from './broken-templates';
import { Failure, readNamed, TemplateFile } from './template-files';

export interface Grouped {
  readonly groups: readonly Group[];
  /** What findings call the inputs that had to be called something else because their template is nested more than once. */
  readonly shownNames: ReadonlyMap<string, string>;
  readonly failures: readonly Failure[];
  /** What whoever gave the templates should know of them. */
  readonly warnings: readonly string[];
}

/** Stacks nested in one stack, and in those. A few files that each nest the next one twice would be any number. */
const MAX_NESTED = 1000;

/** What is said of a template when it is judged. */
export type Placed = (body: unknown) => Pick<TemplateInput, 'region' | 'parameters' | 'resolved'>;

export function groupTemplates(given: readonly TemplateFile[], placed: Placed): Grouped {
  const nesting = new Nesting(given, placed);
  const roots = nesting.templates.filter((template) => !nesting.isNested(template));
  const [named, found] = [true, false].map((which) => roots.filter((root) => root.named === which).map((root) => nesting.group(root)));
  nesting.reportUnreached();
  const { shownNames, failures, templates } = nesting;
  const warnings = templates.flatMap(({ name, repeated }) => repeated === undefined ? [] : `${name}: ${repeated}`);
  return { groups: [...joinedByExports(named, failures), ...found], shownNames, failures, warnings };
}

/** Those of the templates together that take outputs of each other. */
function joinedByExports(roots: readonly Group[], failures: Failure[]): readonly Group[] {
  if (roots.length < 2) {
    return roots;
  }
  const inputs = roots.flat();
  const byName = new Map(inputs.map((input) => [input.name, input]));
  return withoutBroken(inputs, failures, groupsOf)?.map(({ templates }) => templates.map((name) => byName.get(name)!)) ?? [];
}

class Nesting {
  public readonly failures: Failure[] = [];
  public readonly shownNames = new Map<string, string>();
  private readonly byFile: Map<string, TemplateFile>;
  private readonly nested = new Map<TemplateFile, ReadonlyArray<{ readonly logicalId: string; readonly child: TemplateFile }>>();
  private readonly children = new Set<TemplateFile>();
  private readonly reached = new Set<TemplateFile>();
  private readonly uses = new Map<string, number>();

  constructor(given: readonly TemplateFile[], private readonly placed: Placed) {
    this.byFile = new Map(given.map((template) => [template.file, template]));
    // The map grows while it is gone through: templates that were not given may nest others.
    for (const template of this.byFile.values()) {
      const nested = localStacks(template).flatMap(({ logicalId, url }) => {
        const child = this.childAt(template, url);
        return child ? [{ logicalId, child }] : [];
      });
      this.nested.set(template, nested);
      nested.forEach(({ child }) => this.children.add(child));
    }
  }

  public get templates(): readonly TemplateFile[] {
    return [...this.byFile.values()];
  }

  public isNested(template: TemplateFile): boolean {
    return this.children.has(template);
  }

  /** A template with all that is nested in it. */
  public group(root: TemplateFile): Group {
    const inputs: TemplateInput[] = [];
    const add = (template: TemplateFile, above: readonly TemplateFile[], nestedIn?: TemplateInput['nestedIn']): void => {
      if (above.includes(template)) {
        this.failures.push({ path: template.name, problem: 'it is nested in itself' });
        return;
      }
      this.reached.add(template);
      const name = this.nameFor(template);
      inputs.push({ ...this.placed(template.body), name, body: template.body, nestedIn });
      for (const { logicalId, child } of this.nested.get(template)!) {
        if (inputs.length > MAX_NESTED) {
          return;
        }
        add(child, [...above, template], { template: name, logicalId });
      }
    };
    add(root, []);
    if (inputs.length > MAX_NESTED) {
      this.failures.push({ path: root.name, problem: `more than ${MAX_NESTED.toLocaleString('en')} stacks are nested in it` });
      return [];
    }
    return inputs;
  }

  /** Of templates that are all nested in each other none is reached from another. */
  public reportUnreached(): void {
    for (const template of this.templates) {
      if (!this.reached.has(template)) {
        this.failures.push({ path: template.name, problem: 'it is nested in itself' });
      }
    }
  }

  private nameFor({ name }: TemplateFile): string {
    const uses = (this.uses.get(name) ?? 0) + 1;
    this.uses.set(name, uses);
    const called = uses === 1 ? name : `${name} (${uses})`;
    this.shownNames.set(called, name);
    return called;
  }

  private childAt(parent: TemplateFile, url: string): TemplateFile | undefined {
    const path = resolve(dirname(parent.file), url);
    if (!existsSync(path) || !statSync(path).isFile()) {
      return undefined;
    }
    const file = realpathSync(path);
    const known = this.byFile.get(file) ?? readNamed(file, nameOf(file, url, parent), this.failures);
    if (known) {
      this.byFile.set(file, known);
    }
    return known;
  }
}

/** A path that leads to a file from where its parent's does; where that is a symbolic link, the file's own. */
function nameOf(file: string, url: string, { name }: TemplateFile): string {
  const path = isAbsolute(url) ? url : join(dirname(name), url);
  return existsSync(path) && realpathSync(path) === file ? path : file;
}

/** The stacks of a template whose templates are on this machine. */
function localStacks({ body }: TemplateFile): Array<{ readonly logicalId: string; readonly url: string }> {
  const resources = isBody(body) ? own(body, 'Resources') : undefined;
  return Object.entries(isBody(resources) ? resources : {}).flatMap(([logicalId, resource]) => {
    const properties = isBody(resource) && own(resource, 'Type') === 'AWS::CloudFormation::Stack' ? own(resource, 'Properties') : undefined;
    const url = isBody(properties) ? own(properties, 'TemplateURL') : undefined;
    return typeof url === 'string' && !/^[a-z][a-z0-9+.-]+:/i.test(url) ? [{ logicalId, url }] : [];
  });
}
