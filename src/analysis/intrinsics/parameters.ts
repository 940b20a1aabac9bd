/** Parameters: what is stated, what a parent passes to a nested stack, and defaults. */
import type { Evaluator } from '../intrinsics';
import type { Evaluated, ParameterDefault } from '../resources';
import { Body, isBody, own, TemplateModel } from '../templates';
import { ssmParameter } from './pseudo';
import { isScalar, NOTHING_ASSUMED, passedOn, scalar, shown, undecided, within } from './results';
import { splitList, textOf } from './texts';

/** The parameters of templates in one world. */
export class Parameters {
  private readonly values = new Map<TemplateModel, Map<string, Evaluated>>();
  private readonly allowedValues = new Map<string, readonly string[]>();
  private readonly filled = new Set<string>();
  private readonly used: ParameterDefault[] = [];

  constructor(private readonly evaluator: Evaluator) {}

  public value(model: TemplateModel, name: string): Evaluated {
    let values = this.values.get(model);
    if (!values) {
      this.values.set(model, values = new Map());
    }
    let value = values.get(name);
    if (!value) {
      const declared = model.parameters.get(name);
      value = this.evaluated(model, name, isBody(declared) ? declared : {});
      values.set(name, value);
    }
    return value;
  }

  /** The defaults that were asked for so far. */
  public get defaults(): readonly ParameterDefault[] {
    return this.used;
  }

  /** What an undecided parameter with this identity can come to, where its template says so. */
  public allowed(identity: string): readonly string[] | undefined {
    return this.allowedValues.get(identity);
  }

  /** Whether an undecided parameter with this identity cannot be an empty text. */
  public isFilled(identity: string): boolean {
    return this.filled.has(identity);
  }

  private evaluated(model: TemplateModel, name: string, declared: Body): Evaluated {
    const { evaluator } = this;
    const identity = evaluator.set.identity('"parameter"', model.key, JSON.stringify(name));
    const type = String(own(declared, 'Type') ?? 'String');
    const isList = isListType(type);
    const resolved = isReadFromSsm(declared) ? model.input.resolved && own(model.input.resolved, name) : undefined;
    if (resolved !== undefined) {
      const value = this.literal(model, String(resolved), NOTHING_ASSUMED);
      return isListType(/<(.*)>$/.exec(type)?.[1]) ? splitList(evaluator, value) : value;
    }
    const value = this.passed(model, name) ?? this.stated(model, name) ?? this.fallback(model, name, declared);
    if (isReadFromSsm(declared)) {
      // What is given, and also the default, is the name of a parameter in Systems Manager.
      return value?.kind === 'scalar'
        ? ssmParameter(evaluator, model, String(value.value))
        : undecided(`parameter ${name} is read from Systems Manager`, identity);
    }
    if (value) {
      return isList ? splitList(evaluator, value) : value;
    }
    const allowed = own(declared, 'AllowedValues');
    if (!isList && Array.isArray(allowed) && allowed.every(isScalar)) {
      this.allowedValues.set(identity, allowed.map(String));
    }
    // CloudFormation takes no empty text for a number, or for the id of something.
    if (!isList && (type !== 'String' || Number(own(declared, 'MinLength')) > 0)) {
      this.filled.add(identity);
    }
    const why = `parameter ${name} has no default`;
    // Parameters with a type of their own are ids, names or numbers.
    return isList || type === 'String' ? undecided(why, identity) : evaluator.texts.word(why, identity);
  }

  /** What the parent passes to a nested stack. */
  private passed(model: TemplateModel, name: string): Evaluated | undefined {
    const { parent } = model;
    const properties = parent && this.evaluator.evaluateOnce(parent.model, own(parent.body, 'Properties'));
    const parameters = properties?.kind === 'entries' ? properties.entry('Parameters') : properties;
    const value = parameters?.kind === 'entries' ? parameters.entry(name) : parameters && within(this.evaluator.set, parameters, name);
    return value && passedOn(value);
  }

  private stated(model: TemplateModel, name: string): Evaluated | undefined {
    const value = model.input.parameters && own(model.input.parameters, name);
    return value === undefined ? undefined : this.literal(model, String(value), NOTHING_ASSUMED);
  }

  private fallback(model: TemplateModel, name: string, declared: Body): Evaluated | undefined {
    const value = own(declared, 'Default');
    if (!isScalar(value) || model.input.withoutDefaults?.has(name)) {
      return undefined;
    }
    const assumption = `parameter ${name} keeps its default ${value === '' ? '(empty)' : shown(String(value))}`;
    // Of a parameter in Systems Manager only its name is known, which no one changes: the framework makes one for each image.
    if (!isReadFromSsm(declared)) {
      this.used.push({ template: model.input.name, parameter: name, assumption });
    }
    return this.literal(model, value, [assumption]);
  }

  /** Dynamic references are replaced in the values of parameters, too. */
  private literal(model: TemplateModel, value: string | number | boolean, assumes: readonly string[]): Evaluated {
    return typeof value === 'string' ? textOf(this.evaluator, model, [scalar(value)], assumes) : scalar(value, assumes);
  }
}

export function isListType(type: unknown): boolean {
  return type === 'CommaDelimitedList' || (typeof type === 'string' && type.startsWith('List<'));
}

export function isReadFromSsm(declared: Body): boolean {
  return String(own(declared, 'Type') ?? '').startsWith('AWS::SSM::Parameter::Value');
}
