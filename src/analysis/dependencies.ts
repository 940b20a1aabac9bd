/**
 * Which resource CloudFormation makes before which: by `DependsOn` and by what one's expressions take of the other.
 *
 * A nested stack's resources wait for whatever the stack resource waits for, and what waits for that resource waits for all of them. A
 * stack that imports something of another is deployed after the whole of it. So each question is one between two resources of one template.
 */
import type { Evaluator } from './intrinsics';
import { subParts, treeTarget } from './intrinsics/names';
import { Body, isBody, own, ResourceModel, TemplateModel, TREE_REFERENCE } from './templates';

/** A branch of `Fn::If` that an expression stands in, and those around it. */
interface Branch {
  readonly condition: string;
  readonly value: boolean;
  readonly outer?: Branch;
}

interface Edge {
  readonly to: ResourceModel;
  readonly branch?: Branch;
}

export class Dependencies {
  private readonly edges = new Map<ResourceModel, readonly Edge[]>();
  private readonly answers = new Map<ResourceModel, Map<ResourceModel, boolean>>();
  /** All that some resources wait for, where no open condition matters to that. */
  private readonly allBefore = new Map<ResourceModel, ReadonlySet<ResourceModel>>();
  /** What is deployed before a stack, by what its source tells and, where that is not enough, by all that its expressions import. */
  private readonly before = { told: new Map<TemplateModel, Set<TemplateModel>>(), imported: new Map<TemplateModel, Set<TemplateModel>>() };

  constructor(private readonly evaluator: Evaluator) {}

  public has(from: ResourceModel, to: ResourceModel): boolean {
    if (from.model.root !== to.model.root) {
      return (['told', 'imported'] as const).some((by) => this.deployedBefore(from.model.root, by).has(to.model.root));
    }
    const common = new Set(chainOf(from.model));
    let target = to;
    while (!common.has(target.model)) {
      target = target.model.parent!;
    }
    let source = from;
    while (source.model !== target.model) {
      source = source.model.parent!;
    }
    // A nested stack's own resource is complete only after what is in it; within one, neither waits for itself.
    return source !== target ? this.within(source, target) : false;
  }

  /** Whether one waits for the other in a template. */
  private within(from: ResourceModel, to: ResourceModel): boolean {
    const allBefore = this.allBefore.get(from);
    if (allBefore) {
      return allBefore.has(to);
    }
    let answers = this.answers.get(from);
    if (!answers) {
      this.answers.set(from, answers = new Map());
    }
    let answer = answers.get(to);
    while (answer === undefined) {
      if (this.path(from, to, false)) {
        answer = true;
        break;
      }
      const path = this.allBefore.has(from) ? undefined : this.path(from, to, true);
      if (!path) {
        answer = false;
        break;
      }
      // What is on the way stands in conditions that nothing decides: choose them, and look again.
      const before = this.evaluator.choices.version;
      path.forEach((edge) => this.isTaken(edge, true));
      if (this.evaluator.choices.version === before) {
        answer = false;
      }
    }
    answers.set(to, answer);
    return answer;
  }

  /** A way from one to the other, breadth first; `undefined` if there is none. */
  private path(from: ResourceModel, to: ResourceModel, overOpen: boolean): readonly Edge[] | undefined {
    let isOpen = false;
    const cameBy = new Map<ResourceModel, { readonly edge: Edge; readonly from: ResourceModel } | undefined>([[from, undefined]]);
    for (const current of cameBy.keys()) {
      for (const edge of this.edgesOf(current)) {
        if (cameBy.has(edge.to)) {
          continue;
        }
        const taken = this.isTaken(edge, false);
        isOpen ||= taken === undefined;
        if (taken === true || (taken === undefined && overOpen)) {
          cameBy.set(edge.to, { edge, from: current });
          if (edge.to === to) {
            const path: Edge[] = [];
            for (let step = cameBy.get(to); step; step = cameBy.get(step.from)) {
              path.push(step.edge);
            }
            return path;
          }
        }
      }
    }
    if (!isOpen) {
      cameBy.delete(from);
      this.allBefore.set(from, new Set(cameBy.keys()));
    }
    return undefined;
  }

  /** Whether an edge is there in this world: what it leads to exists, and it stands in branches that are taken. */
  private isTaken({ to, branch }: Edge, choose: boolean): boolean | undefined {
    let taken: boolean | undefined = this.evaluator.existence(to, choose).value;
    for (let one = branch; one && taken !== false; one = one.outer) {
      const { value } = this.evaluator.conditions.decision(to.model, one.condition, choose);
      taken = value === undefined ? undefined : value === one.value ? taken : false;
    }
    return taken;
  }

  private edgesOf(resource: ResourceModel): readonly Edge[] {
    let edges = this.edges.get(resource);
    if (!edges) {
      this.edges.set(resource, edges = this.readEdges(resource));
    }
    return edges;
  }

  private readEdges({ model, logicalId, body, dependsOn }: ResourceModel): Edge[] {
    const edges: Edge[] = [];
    const add = (to: ResourceModel | undefined, branch?: Branch) => {
      if (to) {
        edges.push({ to, branch });
      }
    };
    const addTree = (argument: unknown, branch?: Branch) => {
      const target = treeTarget(this.evaluator.set, argument);
      let to = target?.model.resources.get(target.logicalId);
      while (to && to.model !== model) {
        to = to.model.parent;
      }
      add(to, branch);
    };
    const visit = (raw: unknown, branch?: Branch): void => {
      if (typeof raw !== 'object' || raw === null) {
        return;
      }
      if (Array.isArray(raw)) {
        raw.forEach((item) => visit(item, branch));
        return;
      }
      for (const key of Object.keys(raw)) {
        const value = (raw as Body)[key];
        if (key === 'Fn::If' && Array.isArray(value) && typeof value[0] === 'string') {
          visit(value[1], { condition: value[0], value: true, outer: branch });
          visit(value[2], { condition: value[0], value: false, outer: branch });
          continue;
        }
        if (key === 'Ref' && typeof value === 'string') {
          add(model.resources.get(value), branch);
        } else if (key === 'Fn::GetAtt') {
          const named = Array.isArray(value) ? value[0] as unknown : value;
          add(typeof named === 'string' ? model.resources.get(named.split('.')[0]) : undefined, branch);
        } else if (key === 'Fn::Sub') {
          const [text, variables] = Array.isArray(value) ? value as unknown[] : [value];
          for (const { variable } of typeof text === 'string' ? subParts(text) : []) {
            if (variable !== undefined && !(isBody(variables) && Object.hasOwn(variables, variable))) {
              add(model.resources.get(variable.split('.')[0]), branch);
            }
          }
        } else if (key === TREE_REFERENCE) {
          addTree(value, branch);
        }
        if (typeof value === 'object') {
          visit(value, branch);
        }
      }
    };
    dependsOn.forEach((id) => add(model.resources.get(id)));
    visit(own(body, 'Properties'));
    visit(own(body, 'Metadata'));
    const nested = model.children.get(logicalId);
    if (nested) {
      // What a nested stack takes of resources outside it comes to it by way of its parameters.
      below(nested).forEach(({ treeReferences }) => treeReferences.forEach((one) => addTree(own(one, TREE_REFERENCE))));
    }
    return edges.filter(({ to }) => to.logicalId !== logicalId);
  }

  /** The stacks that are deployed before one. */
  private deployedBefore(root: TemplateModel, by: 'told' | 'imported'): Set<TemplateModel> {
    let found = this.before[by].get(root);
    if (!found) {
      this.before[by].set(root, found = new Set());
      const pending = [root];
      for (let current = pending.pop(); current; current = pending.pop()) {
        for (const next of [...this.toldOf(current), ...by === 'imported' ? this.importedBy(current) : []]) {
          if (!found.has(next)) {
            found.add(next);
            pending.push(next);
          }
        }
      }
    }
    return found;
  }

  private toldOf(root: TemplateModel): TemplateModel[] {
    return below(root).flatMap(({ input }) => (input.deployedAfter ?? []).flatMap((name) => this.evaluator.set.named(name)?.root ?? []));
  }

  private importedBy(root: TemplateModel): TemplateModel[] {
    return below(root).flatMap((model) => [
      ...model.imports.flatMap((raw) => this.evaluator.exports.outputsFor(model, raw).map((output) => output.model)),
      ...model.treeReferences.flatMap((raw) => treeTarget(this.evaluator.set, own(raw, TREE_REFERENCE))?.model ?? []),
    ]).map((model) => model.root);
  }
}

/** A template and those it is nested in. */
function chainOf(model: TemplateModel): TemplateModel[] {
  const chain = [model];
  while (chain.at(-1)!.parent) {
    chain.push(chain.at(-1)!.parent!.model);
  }
  return chain;
}

/** A template and those nested in it. */
function below(model: TemplateModel): TemplateModel[] {
  const found = [model];
  for (let index = 0; index < found.length; index++) {
    found.push(...found[index].children.values());
  }
  return found;
}
