/**
 * Templates, in every world their open conditions allow.
 *
 * A condition that neither parameters nor pseudo parameters decide is chosen when something first asks for it. When everything has been
 * asked of a world, the next one is the same up to the last choice and different there. So conditions that matter to nobody cost nothing,
 * and the worlds together are all there are.
 */
import { Choice, Choices, MAX_CHOICES, nextChoices } from './conditions';
import { Dependencies } from './dependencies';
import { Evaluator } from './intrinsics';
import { treeTarget } from './intrinsics/names';
import { assuming, within } from './intrinsics/results';
import type { Evaluated, Resource, World } from './resources';
import {
  append, Body, isBody, OutputModel, own, ResourceModel, TemplateInput, TemplateModel, templateSet, TemplateSet, TREE_REFERENCE,
} from './templates';

/** How worlds are explored. */
export interface Exploration {
  /** How many conditions are chosen at most; the others stay open. */
  readonly most?: number;
  /** Whether resources exist whose condition stays open. */
  readonly openExist?: boolean;
}

/**
 * The worlds of some templates. Everything that is to be known of a world must be asked before the next one is taken.
 *
 * @throws TemplateError for what is no template, or cannot be analysed at all; at once, not with the first world
 */
export function worldsOf(inputs: readonly TemplateInput[], exploration: Exploration = {}): Iterable<World> {
  return explored(templateSet(inputs), exploration);
}

/** Templates that have to do with each other. */
export interface Group {
  /** Their names. */
  readonly templates: readonly string[];
  worlds(exploration?: Exploration): Iterable<World>;
}

/**
 * The groups of templates that have to do with each other: nested stacks, and stacks that take outputs of others or are deployed after
 * them. Conditions of one group make no worlds of another.
 */
export function groupsOf(inputs: readonly TemplateInput[]): readonly Group[] {
  const set = templateSet(inputs);
  const joinedTo = new Map<TemplateModel, TemplateModel>();
  const firstOf = (model: TemplateModel) => {
    let first = model;
    for (let next = joinedTo.get(first); next; next = joinedTo.get(first)) {
      // Halving the way each time it is gone keeps it short.
      joinedTo.set(first, joinedTo.get(next) ?? next);
      first = next;
    }
    return first;
  };
  const join = (one: TemplateModel, other: TemplateModel | undefined) => {
    const [a, b] = [firstOf(one), firstOf(other ?? one)];
    if (a !== b) {
      joinedTo.set(b, a);
    }
  };
  // What either outcome of a condition leads to belongs together, where names of exports hang on one.
  for (const { evaluator } of explored(set, {})) {
    for (const model of set.models) {
      model.imports.forEach((raw) => evaluator.exports.outputsFor(model, raw).forEach((output) => join(model, output.model)));
    }
  }
  for (const model of set.models) {
    join(model, model.parent?.model);
    model.treeReferences.forEach((raw) => join(model, treeTarget(set, own(raw, TREE_REFERENCE))?.model));
    model.input.deployedAfter?.forEach((name) => join(model, set.named(name)));
  }
  const groups = new Map<TemplateModel, TemplateModel[]>();
  set.models.forEach((model) => append(groups, firstOf(model), model));
  return [...groups.values()].map((models) => ({
    templates: models.map(({ input }) => input.name),
    worlds: (exploration = {}) => explored(new TemplateSet(models, set.unread), exploration),
  }));
}

function explored(set: TemplateSet, { most = MAX_CHOICES, openExist = true }: Exploration): Iterable<ChosenWorld> {
  return {
    *[Symbol.iterator]() {
      let choices: readonly Choice[] | undefined = [];
      while (choices) {
        const world = new ChosenWorld(set, new Choices(choices, most), openExist);
        yield world;
        choices = nextChoices(world.choices.all);
      }
    },
  };
}

/** What may leave what is given: what is passed to stacks that are not, and what is exported, by the outputs that do so. */
interface Leaving {
  readonly passed: ReadonlySet<ResourceModel>;
  readonly exported: ReadonlyMap<ResourceModel, readonly OutputModel[]>;
}

class ChosenWorld implements World {
  public readonly evaluator: Evaluator;
  private readonly dependencies: Dependencies;
  private readonly resources = new Map<ResourceModel, ChosenResource>();
  private readonly existing = new Map<string, readonly Resource[]>();
  private leaving?: Leaving;
  private readonly imported = new Set<OutputModel>();
  private readonly importsSeen = new Map<TemplateModel, number>();

  constructor(private readonly set: TemplateSet, public readonly choices: Choices, private readonly openExist = true) {
    this.evaluator = new Evaluator(set, choices, (model) => this.resourceOf(model));
    this.dependencies = new Dependencies(this.evaluator);
  }

  public get templates() {
    return this.set.models.map(({ template }) => template);
  }

  public get unread() {
    return this.set.unread;
  }

  public get stacksNotGiven() {
    return this.set.resourcesOf('AWS::CloudFormation::Stack')
      .filter((stack) => !stack.model.children.has(stack.logicalId) && this.evaluator.existence(stack, false).value !== false)
      .map((stack) => ({ resource: this.resourceOf(stack), url: literalUrl(stack) }));
  }

  public get chosen() {
    return this.choices.all.map(({ equal, words }) => equal ? words.equal : words.different);
  }

  public get ruledOut() {
    return this.choices.all.map(({ equal, words }) => equal ? words.different : words.equal);
  }

  public get open() {
    return this.choices.open;
  }

  public get defaults() {
    return this.evaluator.parameters.defaults;
  }

  public resourcesOf(type: string): readonly Resource[] {
    let found = this.existing.get(type);
    if (!found) {
      found = this.set.resourcesOf(type)
        .filter((model) => this.evaluator.existence(model).value ?? this.openExist)
        .map((model) => this.resourceOf(model));
      this.existing.set(type, found);
    }
    return found;
  }

  public customTypesWith(text: string) { return this.set.customTypesWith(text); }

  public dependsOn(resource: Resource, other: Resource): boolean {
    return this.dependencies.has((resource as ChosenResource).model, (other as ChosenResource).model);
  }

  public leaves(resource: Resource): boolean {
    const { passed, exported } = this.leaving ??= this.whatLeaves();
    const { model } = resource as ChosenResource;
    return passed.has(model) || (exported.get(model) ?? []).some((output) => !this.isImported(output));
  }

  private whatLeaves(): Leaving {
    const passed = new Set<ResourceModel>();
    const exported = new Map<ResourceModel, OutputModel[]>();
    const each = (evaluated: Evaluated | undefined, add: (model: ResourceModel) => void): void => {
      switch (evaluated?.kind) {
        case 'reference': add((evaluated.resource as ChosenResource).model); break;
        case 'text': evaluated.parts.forEach((part) => typeof part === 'string' || each(part, add)); break;
        case 'list': evaluated.items.forEach((item) => each(item, add)); break;
        case 'entries': evaluated.keys.forEach((key) => each(evaluated.entry(key), add)); break;
        case 'scalar': case 'undecided': case undefined: break;
      }
    };
    for (const output of this.set.models.flatMap(({ outputs }) => [...outputs.values()])) {
      if (output.exportName !== undefined) {
        each(this.evaluator.evaluate(output.model, output.value), (model) => append(exported, model, output));
      }
    }
    for (const stack of this.resourcesOf('AWS::CloudFormation::Stack') as readonly ChosenResource[]) {
      if (!stack.model.model.children.has(stack.logicalId)) {
        each(stack.property('Parameters'), (model) => passed.add(model));
      }
    }
    return { passed, exported };
  }

  /** Whether anything imports an output. To know all imports everything has to be made out, and mostly what is made out already tells. */
  private isImported(output: OutputModel): boolean {
    for (const which of ['importsSoFar', 'imports'] as const) {
      for (const model of this.set.models) {
        const seen = this.importsSeen.get(model) ?? 0;
        const imports = model[which].slice(seen);
        imports.forEach((raw) => this.evaluator.exports.outputsFor(model, raw).forEach((one) => this.imported.add(one)));
        this.importsSeen.set(model, seen + imports.length);
      }
      if (this.imported.has(output)) {
        return true;
      }
    }
    return false;
  }

  private resourceOf(model: ResourceModel): ChosenResource {
    let resource = this.resources.get(model);
    if (!resource) {
      this.resources.set(model, resource = new ChosenResource(model, this.evaluator));
    }
    return resource;
  }
}

/** Where the template of a stack lies, as far as that is written out. */
function literalUrl({ body }: ResourceModel): string | undefined {
  const properties = own(body, 'Properties');
  const url = isBody(properties) ? own(properties, 'TemplateURL') : undefined;
  return typeof url === 'string' ? url : undefined;
}

class ChosenResource implements Resource {
  public readonly logicalId: string;
  public readonly type: string;
  public readonly dependsOn: readonly string[];
  private properties?: { readonly value: Evaluated | undefined };

  constructor(public readonly model: ResourceModel, private readonly evaluator: Evaluator) {
    this.logicalId = model.logicalId;
    this.type = model.type;
    this.dependsOn = model.dependsOn;
  }

  public get template() {
    return this.model.model.template;
  }

  public get metadata(): Body {
    const metadata = own(this.model.body, 'Metadata');
    return isBody(metadata) ? metadata : {};
  }

  public get path(): string | undefined {
    // Not of the whole: a resource that only its name is asked of is not made out for it.
    const metadata = own(this.model.section, 'Metadata');
    const path = isBody(metadata) ? own(metadata, 'aws:cdk:path') : undefined;
    return typeof path === 'string' ? path : this.model.model.input.paths?.get(this.logicalId);
  }

  public property(...path: readonly (string | number)[]): Evaluated | undefined {
    const { value } = this.properties ??= this.read('Properties');
    // Most are asked for by one key.
    return path.length === 1 && value?.kind === 'entries' ? value.entry(String(path[0])) : this.below(value, path);
  }

  public evaluatedMetadata(...path: readonly (string | number)[]): Evaluated | undefined {
    return this.below(this.read('Metadata').value, path);
  }

  private read(section: 'Properties' | 'Metadata'): { readonly value: Evaluated | undefined } {
    return { value: this.evaluator.evaluate(this.model.model, own(this.model.body, section)) };
  }

  private below(section: Evaluated | undefined, path: readonly (string | number)[]): Evaluated | undefined {
    let found = section;
    for (let index = 0; found && index < path.length; index++) {
      const key = path[index];
      found = found.kind === 'entries' ? found.entry(String(key)) : this.step(found, key);
    }
    return found;
  }

  private step(evaluated: Evaluated, key: string | number): Evaluated | undefined {
    if (evaluated.kind !== 'list' || typeof key !== 'number') {
      return within(this.evaluator.set, evaluated, key);
    }
    const item: Evaluated | undefined = evaluated.items[key];
    return item && assuming(item, evaluated.assumes);
  }
}
