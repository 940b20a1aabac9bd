/** `Fn::ImportValue` and `Fn::GetStackOutput`: values of other stacks, joined to the outputs of the templates that are given. */
import type { Call, Evaluator } from '../intrinsics';
import { assumesOf, Evaluated, identityOf } from '../resources';
import { append, Body, isBody, OutputModel, own, TemplateModel } from '../templates';
import { outputValue } from './names';
import { placed, pseudo } from './pseudo';
import { assuming, malformed, scalar, shown, undecided, whyOf } from './results';
import { textOf } from './texts';

/** What is asked for, as far as it is known, and the outputs it can be. */
interface Asked {
  readonly name?: Evaluated;
  readonly found: readonly OutputModel[];
}

/** What the templates of one world export. */
export class Exports {
  private byName?: Map<string, OutputModel[]>;

  constructor(private readonly evaluator: Evaluator) {}

  /** The outputs that an `Fn::ImportValue` or `Fn::GetStackOutput` can be of. */
  public outputsFor(model: TemplateModel, raw: Body): readonly OutputModel[] {
    return (Object.hasOwn(raw, 'Fn::ImportValue')
      ? this.exported(model, own(raw, 'Fn::ImportValue'))
      : this.stackOutputs(model, own(raw, 'Fn::GetStackOutput'))).found;
  }

  public exported(model: TemplateModel, argument: unknown): Asked {
    const name = this.evaluator.evaluateOnce(model, argument);
    if (!name) {
      return { found: [] };
    }
    const named = (this.names.get(identityOf(name)) ?? []).filter(({ model: { template } }) => (
      isMaybe(template.region, model.template.region) && isMaybe(template.account, model.template.account)));
    // Two stacks may export one name where only one of them ever does.
    return { name, found: named.length > 1 ? named.filter((output) => this.evaluator.outputExistence(output).value !== false) : named };
  }

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html */
  public stackOutputs(model: TemplateModel, argument: unknown): Asked {
    const { evaluator } = this;
    const given = isBody(argument) ? evaluator.evaluateOnce(model, argument) : undefined;
    const [stack, output, region, role] = ['StackName', 'OutputName', 'Region', 'RoleArn']
      .map((key) => given?.kind === 'entries' ? given.entry(key) : undefined);
    if (!stack || !output) {
      return { found: [] };
    }
    const inRegion = region ?? pseudo(evaluator, model, 'AWS::Region');
    const parts = [stack, scalar('.'), output, ...region ? [scalar('@'), region] : []];
    const name = textOf(evaluator, model, parts);
    if (stack.kind !== 'scalar' || output.kind !== 'scalar') {
      return { name, found: [] };
    }
    const found = evaluator.set.models.filter(({ template, input }) => input.stackName === String(stack.value)
      && isMaybe(template.region, inRegion.kind === 'scalar' ? String(inRegion.value) : undefined)
      // With a role it is whatever account the role is of.
      && (role || isMaybe(template.account, model.template.account)));
    return { name, found: found.flatMap(({ outputs }) => outputs.get(String(output.value)) ?? []) };
  }

  private get names(): ReadonlyMap<string, readonly OutputModel[]> {
    if (!this.byName) {
      // Set before it is filled: the name of an export may itself be imported.
      const names = this.byName = new Map<string, OutputModel[]>();
      for (const output of this.evaluator.set.models.flatMap(({ outputs }) => [...outputs.values()])) {
        const name = this.evaluator.evaluate(output.model, output.exportName);
        if (name) {
          append(names, identityOf(name), output);
        }
      }
    }
    return this.byName;
  }
}

/** Whether two Regions or accounts may be the same, as far as they are known. */
function isMaybe(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}

/** `Fn::ImportValue`: the name of an export. */
export function importValue({ evaluator, model, argument, raw }: Call): Evaluated | undefined {
  const { name, found } = evaluator.exports.exported(model, argument);
  return name
    ? valueOf(evaluator, model, 'export', name, found)
    : malformed(evaluator.set, model, raw, 'Fn::ImportValue takes the name of an export');
}

/** `Fn::GetStackOutput`: a stack, an output of it, and where it is deployed. */
export function getStackOutput({ evaluator, model, argument, raw }: Call): Evaluated | undefined {
  const { name, found } = evaluator.exports.stackOutputs(model, argument);
  return name
    ? valueOf(evaluator, model, 'output', name, found)
    : malformed(evaluator.set, model, raw, 'Fn::GetStackOutput takes a stack and an output');
}

function valueOf(
  evaluator: Evaluator, model: TemplateModel, what: string, name: Evaluated, found: readonly OutputModel[],
): Evaluated | undefined {
  if (found.length === 1) {
    const value = outputValue(evaluator, found[0]);
    return value && assuming(value, assumesOf(name));
  }
  const why = name.kind === 'scalar'
    ? `${what} ${shown(String(name.value))} is of ${found.length ? 'more than one' : 'none'} of the given templates`
    : whyOf(name);
  return undecided(why, placed(evaluator, model, what, identityOf(name)));
}
